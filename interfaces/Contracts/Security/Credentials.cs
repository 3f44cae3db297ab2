using System.Net;
using System.Security.Cryptography.X509Certificates;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Security;

/// <summary>What a client shows with its CONNECT. It lives as long as the login, is never stored and never logged.</summary>
public sealed class Credentials
{
    /// <summary>As the client chose it, or as it was given when it chose none.</summary>
    public required string ClientId { get; init; }

    public string? UserName { get; init; }

    /// <summary>Any bytes; they are the caller's, to be copied by whoever keeps them.</summary>
    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>Of the client; behind a load balancer only where the listener reads its PROXY header.</summary>
    public IPEndPoint? RemoteAddress { get; init; }

    /// <summary>The TLS certificate of the client, verified; null where there is none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>As it stands in the certificate, such as "CN=sensor-7, O=Example".</summary>
    public string? CertificateSubject => Certificate?.Subject;

    public ProtocolVersion Version { get; init; }

    /// <summary>Where the client came in, as the settings spell it.</summary>
    public string Listener { get; init; } = "";

    /// <summary>True when only programs of this machine reach the listener, and the client is one.</summary>
    public bool IsLocal { get; init; }

    /// <summary>
    /// True while too many logins from this address have failed. The built-in authenticator then checks no password that is
    /// expensive to check; one of your own may do likewise.
    /// </summary>
    public bool HasFailedTooOften { get; init; }
}
