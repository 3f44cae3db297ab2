using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>The client's side of TLS.</summary>
internal static class Tls
{
    /// <summary>Shakes hands, trusting this authority only.</summary>
    public static async Task<SslStream> OpenAsync(
        int port, TestAuthority trusted, X509Certificate2? own = null, SslProtocols versions = SslProtocols.None, string? alpn = null,
        TestAuthority? issuer = null)
    {
        using var patience = new CancellationTokenSource(RawClient.Patience);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port, patience.Token);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = versions,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsTrusted(certificate!, chain!, trusted),
        };
        if (own is not null)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(own, (issuer ?? trusted).ShownBy(own), offline: true);
        if (alpn is not null)
            options.ApplicationProtocols = [new SslApplicationProtocol(alpn)];
        await stream.AuthenticateAsClientAsync(options, patience.Token);
        return stream;
    }

    public static async Task<RawClient> ConnectAsync(
        int port, TestAuthority trusted, ConnectOptions options, X509Certificate2? own = null)
    {
        var client = RawClient.Over(await OpenAsync(port, trusted, own));
        await client.ConnectAsync(options);
        return client;
    }

    /// <summary>With what the server has sent to help, the root alone must do.</summary>
    public static bool IsTrusted(X509Certificate certificate, X509Chain sent, TestAuthority authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Root);
        chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build((X509Certificate2)certificate);
    }
}
