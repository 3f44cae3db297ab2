using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>A certificate authority of a test's own, with one between it and those whom it certifies.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _between;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public TestAuthority(string name = "test")
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _root = Authority($"{name} root", rootKey).CreateSelfSigned(_now.AddDays(-1), _now.AddDays(9));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Authority($"{name} issuer", key).Create(_root, _now.AddDays(-1), _now.AddDays(8), SerialNumber());
        _between = signed.CopyWithPrivateKey(key);
    }

    /// <summary>The root, for those who trust it.</summary>
    public X509Certificate2 Root => _root;

    /// <summary>For a server on the loopback.</summary>
    public X509Certificate2 IssueServer() => Issue("CN=localhost", "1.3.6.1.5.5.7.3.1");

    /// <summary>For a client.</summary>
    public X509Certificate2 IssueClient(string subject, TimeSpan? life = null) => Issue(subject, "1.3.6.1.5.5.7.3.2", life);

    /// <summary>The certificate and the one that signed it, as servers have it in a file.</summary>
    public string ChainOf(X509Certificate2 certificate) =>
        certificate.ExportCertificatePem() + "\n" + _between.ExportCertificatePem() + "\n";

    public static string KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>What a client shows: it and the one that signed it.</summary>
    public X509Certificate2Collection ShownBy(X509Certificate2 certificate) => [certificate, _between];

    public void Dispose()
    {
        _root.Dispose();
        _between.Dispose();
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private X509Certificate2 Issue(string subject, string purpose, TimeSpan? life = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        var end = _now + (life ?? TimeSpan.FromDays(7));
        using var signed = request.Create(_between, _now.AddHours(-12), end, SerialNumber());
        using var whole = signed.CopyWithPrivateKey(key);

        // The round trip makes the key one that every TLS stack takes.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    private static byte[] SerialNumber() => RandomNumberGenerator.GetBytes(12);
}
