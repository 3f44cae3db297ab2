using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Files;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>How tls and wss listeners shake hands: each time with the certificates that are in force then.</summary>
internal sealed class ServerTls(
    IOptions<TlsOptions> options, IOptions<GatewayOptions> gateway, WatchedFile<TlsMaterial> material, ILogger<ServerTls> log)
{
    // Clients that name a protocol inside TLS are refused when the server does not know it. "mqtt" is what IANA has.
    private static readonly SslApplicationProtocol _mqtt = new("mqtt");

    /// <summary>Stands before the handshake, for what Kestrel would take for a bug.</summary>
    public ConnectionDelegate Chain(ConnectionDelegate next) => async connection =>
    {
        try
        {
            await next(connection);
        }
        catch (NotSupportedException) // so SslStream has it when the first bytes are no ClientHello: then it asks for no answer
        {
            log.HeaderRefused(connection.ConnectionId, "no TLS handshake");
            connection.Abort();
        }
    };

    public TlsHandshakeCallbackOptions Handshakes(ListenAddress address) => new()
    {
        HandshakeTimeout = gateway.Value.ConnectTimeout,
        OnConnection = _ => ValueTask.FromResult(Answer(address)),
    };

    private SslServerAuthenticationOptions Answer(ListenAddress address)
    {
        var current = material.Current;
        var answer = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = current.Server,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            ApplicationProtocols = [address.IsWebSocket ? SslApplicationProtocol.Http11 : _mqtt],
        };
        if (options.Value.ClientCertificates is ClientCertificates.None)
            return answer;

        answer.ClientCertificateRequired = true; // asks; whether it is demanded is said below
        answer.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        answer.CertificateChainPolicy.CustomTrustStore.AddRange(current.ClientCa!);
        answer.RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is null
            ? options.Value.ClientCertificates is ClientCertificates.Optional
            : errors is SslPolicyErrors.None;
        return answer;
    }
}
