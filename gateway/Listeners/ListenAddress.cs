using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>How bytes come to a listener.</summary>
public enum ListenTransport
{
    Tcp,
    Tls,
    WebSocket,
    SecureWebSocket,
}

/// <summary>
/// One address of the setting: tcp, tls, ws or wss://ADDRESS:PORT, the address a number or "localhost" or "*"; behind ws and wss
/// a path; behind "?proxy" the listener expects a PROXY header.
/// </summary>
public sealed record ListenAddress(string Text, IPEndPoint EndPoint)
{
    public const string Forms = "tcp://ADDRESS:PORT, tls://ADDRESS:PORT, ws://ADDRESS:PORT/PATH or wss://ADDRESS:PORT/PATH";

    private const string DefaultPath = "/mqtt";
    private const string ProxyQuery = "?proxy";

    public ListenTransport Transport { get; init; }

    /// <summary>Where WebSockets are welcome.</summary>
    public string Path { get; init; } = DefaultPath;

    /// <summary>Whether a load balancer in front says in a PROXY header who the client is.</summary>
    public bool ExpectsProxyHeader { get; init; }

    public bool IsSecure => Transport is ListenTransport.Tls or ListenTransport.SecureWebSocket;

    public bool IsWebSocket => Transport is ListenTransport.WebSocket or ListenTransport.SecureWebSocket;

    /// <summary>Whether only this machine reaches it. A load balancer that speaks PROXY is there to bring others.</summary>
    public bool IsLocal => IPAddress.IsLoopback(EndPoint.Address) && !ExpectsProxyHeader;

    /// <summary>Takes a comma-separated list apart; false, with the part that is wrong, if any is.</summary>
    public static bool TryParseAll(
        string text, [NotNullWhen(true)] out IReadOnlyList<ListenAddress>? addresses, [NotNullWhen(false)] out string? wrong)
    {
        var parsed = new List<ListenAddress>();
        addresses = parsed;
        wrong = null;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryParse(part, out var address))
            {
                wrong = part;
                return false;
            }

            parsed.Add(address);
        }

        wrong = parsed.Count == 0 ? text : null;
        return parsed.Count > 0;
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            || TransportOf(uri.Scheme) is not var (transport, defaultPort)
            || uri.Query is not ("" or ProxyQuery) || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            return false;
        }

        var host = uri.Host == "localhost" ? IPAddress.Loopback : null;
        if (host is null && !IPAddress.TryParse(uri.DnsSafeHost, out host))
            return false;

        address = new ListenAddress(text, new IPEndPoint(host, uri.Port < 0 ? defaultPort : uri.Port))
        {
            Transport = transport,
            Path = uri.AbsolutePath is "" or "/" ? DefaultPath : uri.AbsolutePath,
            ExpectsProxyHeader = uri.Query == ProxyQuery,
        };
        return address.IsWebSocket || uri.AbsolutePath is "" or "/";
    }

    private static (ListenTransport Transport, int DefaultPort)? TransportOf(string scheme) => scheme switch
    {
        "tcp" => (ListenTransport.Tcp, 1883),
        "tls" => (ListenTransport.Tls, 8883),
        "ws" => (ListenTransport.WebSocket, 80),
        "wss" => (ListenTransport.SecureWebSocket, 443),
        _ => null,
    };
}
