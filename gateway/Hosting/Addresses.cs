using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Orleans.Mqtt.Gateway.Listeners;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>Looks at the addresses of the settings before anything starts, so that a mistake is one clear line.</summary>
internal static class Addresses
{
    private const int FirstFreePort = 24_000, FirstOutgoingPort = 32_768;

    public static IPEndPoint AdminOf(string setting)
    {
        if (!Uri.TryCreate(setting, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
            throw new StartFailure($"--admin {setting}: not an address of the form http://ADDRESS:PORT");

        var address = uri.Host == "localhost" ? IPAddress.Loopback : null;
        if (address is null && !IPAddress.TryParse(uri.DnsSafeHost, out address))
            throw new StartFailure($"--admin {setting}: '{uri.Host}' is not an IP address");
        return new IPEndPoint(address, uri.Port);
    }

    /// <summary>Where clients are to connect; nobody else listens there.</summary>
    public static IReadOnlyList<ListenAddress> DemandListeners(ConfigurationManager settings)
    {
        var setting = settings[$"{GatewayOptions.Section}:{nameof(GatewayOptions.Listen)}"] ?? new GatewayOptions().Listen;
        if (!ListenAddress.TryParseAll(setting, out var listeners, out var wrong))
            throw new StartFailure($"--listen {wrong}: not an address of the form {ListenAddress.Forms}");
        foreach (var listener in listeners)
            DemandFree($"--listen {listener.Text}", listener.EndPoint);
        return listeners;
    }

    /// <summary>An address as it is, a name as what it stands for now.</summary>
    public static IPAddress AdvertisedOf(string setting)
    {
        if (IPAddress.TryParse(setting, out var address))
        {
            return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
                ? throw new StartFailure($"--advertise {setting}: not an address that others can connect to")
                : address;
        }

        try
        {
            return Dns.GetHostAddresses(setting, AddressFamily.InterNetwork).FirstOrDefault()
                ?? throw new StartFailure($"--advertise {setting}: the name has no IPv4 address");
        }
        catch (SocketException failure)
        {
            throw new StartFailure($"--advertise {setting}: {failure.Message}", failure);
        }
    }

    /// <summary>Binds and lets go: the listener that comes later would report the same in many more words.</summary>
    public static void DemandFree(string name, IPEndPoint endPoint)
    {
        using var probe = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            probe.Bind(endPoint);
            probe.Listen();
        }
        catch (SocketException failure)
        {
            throw new StartFailure($"{name}: {Reason(failure)}", failure);
        }
    }

    /// <summary>
    /// A port that nobody listens on. Not one of those that systems give to outgoing connections (by default 32,768 on Linux, 49,152
    /// elsewhere, and up): one of these could take it before the listener comes.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var endPoint = new IPEndPoint(IPAddress.Any, Random.Shared.Next(FirstFreePort, FirstOutgoingPort));
            using var probe = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(endPoint);
                return endPoint.Port;
            }
            catch (SocketException)
            {
                // somebody has it: the next one, then
            }
        }
    }

    private static string Reason(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is in use by another program",
        SocketError.AddressNotAvailable => "this machine does not have that address",
        SocketError.AccessDenied => "this user may not use that port",
        _ => failure.Message,
    };
}
