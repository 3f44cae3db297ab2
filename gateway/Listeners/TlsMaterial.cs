using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>The certificates as they lie in the files.</summary>
internal sealed class TlsMaterial : IDisposable
{
    private readonly X509Certificate2 _certificate;

    private TlsMaterial(X509Certificate2 certificate, X509Certificate2Collection between, X509Certificate2Collection? clientCa)
    {
        _certificate = certificate;
        Server = SslStreamCertificateContext.Create(certificate, between, offline: true);
        ClientCa = clientCa;
    }

    /// <summary>What clients are shown.</summary>
    public SslStreamCertificateContext Server { get; }

    /// <summary>Who may have signed what clients show.</summary>
    public X509Certificate2Collection? ClientCa { get; }

    /// <exception cref="CryptographicException">A file does not hold what it should.</exception>
    public static TlsMaterial Read(TlsOptions options)
    {
        var path = options.CertificateFile!;
        var isPkcs12 = Path.GetExtension(path) is ".pfx" or ".p12";
        X509Certificate2Collection between = [];
        X509Certificate2 certificate;
        if (isPkcs12)
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, options.KeyPassword);
            certificate = all.FirstOrDefault(each => each.HasPrivateKey)
                ?? throw new CryptographicException("no certificate in it has its private key");
            between.AddRange(all.Where(each => each != certificate).ToArray());
        }
        else
        {
            certificate = options.KeyPassword is { } password
                ? X509Certificate2.CreateFromEncryptedPemFile(path, password, options.KeyFile)
                : X509Certificate2.CreateFromPemFile(path, options.KeyFile);
            between.ImportFromPemFile(path);
        }

        return new TlsMaterial(certificate, between, options.ClientCaFile is { } ca ? ReadCa(ca) : null);
    }

    public void Dispose() => _certificate.Dispose();

    private static X509Certificate2Collection ReadCa(string path)
    {
        var ca = new X509Certificate2Collection();
        try
        {
            ca.ImportFromPemFile(path);
        }
        catch (Exception failure) when (failure is IOException or CryptographicException)
        {
            throw new CryptographicException($"ClientCaFile {path}: {failure.Message}", failure);
        }

        return ca.Count > 0 ? ca : throw new CryptographicException($"ClientCaFile {path}: no certificate in it");
    }
}
