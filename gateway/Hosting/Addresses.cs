using System.Net;
using System.Net.Sockets;
using Orleans.Mqtt.Gateway.Listeners;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>Looks at the addresses of the settings before anything starts, so that a mistake is one clear line.</summary>
internal static class Addresses
{
    public static IPEndPoint AdminOf(string setting)
    {
        if (!Uri.TryCreate(setting, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
            throw new StartFailure($"--admin {setting}: not an address of the form http://ADDRESS:PORT");

        var address = uri.Host == "localhost" ? IPAddress.Loopback : null;
        if (address is null && !IPAddress.TryParse(uri.DnsSafeHost, out address))
            throw new StartFailure($"--admin {setting}: '{uri.Host}' is not an IP address");
        return new IPEndPoint(address, uri.Port);
    }

    public static IReadOnlyList<ListenAddress> ListenersOf(string setting) =>
        ListenAddress.TryParseAll(setting, out var addresses, out var wrong)
            ? addresses
            : throw new StartFailure($"--listen {wrong}: not an address of the form {ListenAddress.Forms}");

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

    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private static string Reason(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is in use by another program",
        SocketError.AddressNotAvailable => "this machine does not have that address",
        SocketError.AccessDenied => "this user may not use that port",
        _ => failure.Message,
    };
}
