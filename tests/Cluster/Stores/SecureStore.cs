using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Cluster.Stores;

/// <summary>A Redis that speaks TLS only, with a certificate of an issuer of its own, and wants a password.</summary>
internal sealed class SecureStore : IAsyncDisposable
{
    private static readonly TimeSpan _age = TimeSpan.FromDays(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("redis-tls-test-").FullName;
    private readonly string _password = Guid.NewGuid().ToString("N");
    private readonly int _port = FreePorts.Take();
    private readonly RedisProcess _redis;

    public SecureStore()
    {
        WriteCertificates();
        _redis = new RedisProcess(
            "--tls-port", $"{_port}", "--port", "0", "--tls-auth-clients", "no", "--requirepass", _password,
            "--tls-ca-cert-file", IssuerFile, "--tls-cert-file", FileOf("redis.crt"), "--tls-key-file", FileOf("redis.key"));
    }

    public string Connection => $"127.0.0.1:{_port},ssl=true,password={_password}";

    /// <summary>The certificate of who has issued the server's.</summary>
    public string IssuerFile => FileOf("issuer.crt");

    public Task StartAsync() => _redis.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string FileOf(string name) => Path.Combine(_folder, name);

    private void WriteCertificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var issuerKey = RSA.Create(2048);
        var ofIssuer = new CertificateRequest("CN=test issuer", issuerKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        ofIssuer.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var issuer = ofIssuer.CreateSelfSigned(now - _age, now + _age);

        using var key = RSA.Create(2048);
        var ofServer = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        ofServer.CertificateExtensions.Add(names.Build());
        using var server = ofServer.Create(issuer, now - _age, now + _age, RandomNumberGenerator.GetBytes(8));

        File.WriteAllText(IssuerFile, issuer.ExportCertificatePem());
        File.WriteAllText(FileOf("redis.crt"), server.ExportCertificatePem());
        File.WriteAllText(FileOf("redis.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
