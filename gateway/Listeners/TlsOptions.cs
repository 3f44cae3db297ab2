using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Files;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>Certificates of the tls and wss listeners. Section "Gateway:Tls". All files are read again when they change.</summary>
internal sealed class TlsOptions
{
    public const string Section = "Gateway:Tls";

    /// <summary>The server's certificate: PEM, those of the authorities between it and the root behind it; or PKCS #12 (.pfx, .p12).</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key, PEM; not needed where the certificate's file has it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Of the key.</summary>
    public string? KeyPassword { get; init; }

    /// <summary>Whether clients show a certificate.</summary>
    public ClientCertificates ClientCertificates { get; init; }

    /// <summary>The authorities whose clients are let in, PEM.</summary>
    public string? ClientCaFile { get; init; }

    /// <summary>What of the client's certificate is its user name; with it, no password is asked for.</summary>
    public CertificateUserName UserName { get; init; }
}

/// <summary>Whether clients show a certificate.</summary>
internal enum ClientCertificates
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>Those who have one show it.</summary>
    Optional,

    /// <summary>Nobody comes in without.</summary>
    Required,
}

/// <summary>What of a certificate is the user name of its owner.</summary>
internal enum CertificateUserName
{
    None,
    CommonName,

    /// <summary>All of it, such as "CN=sensor-7, O=Example".</summary>
    Subject,
}

/// <summary>Looks at the certificates before anything starts.</summary>
internal sealed class TlsCheck : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        if (options.ClientCertificates is not ClientCertificates.None && options.ClientCaFile is null)
            return ValidateOptionsResult.Fail("Gateway:Tls:ClientCertificates: Gateway:Tls:ClientCaFile must say whose are trusted.");
        if (options.UserName is not CertificateUserName.None && options.ClientCertificates is ClientCertificates.None)
            return ValidateOptionsResult.Fail("Gateway:Tls:UserName: no client shows a certificate; set Gateway:Tls:ClientCertificates.");

        return options.CertificateFile is { } path
            ? FileCheck.Of("Gateway:Tls", path, () => TlsMaterial.Read(options).Dispose())
            : ValidateOptionsResult.Success;
    }
}
