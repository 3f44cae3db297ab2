using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Files;
using Orleans.Mqtt.Gateway.Listeners;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>Certificates that name the user, the password file, and nobody in particular where that is allowed.</summary>
internal sealed class BuiltInAuthenticator(
    IOptions<SecurityOptions> options, IOptions<TlsOptions> tls, HashingQueue hashing, WatchedFile<PasswordFile>? passwords = null)
    : IAuthenticator
{
    private const string CommonName = "2.5.4.3";

    public ValueTask<LoginVerdict> Authenticate(Credentials credentials, CancellationToken patience)
    {
        if (credentials.Certificate is { } certificate && tls.Value.UserName is not CertificateUserName.None)
            return ValueTask.FromResult(ByCertificate(credentials, certificate));
        if (passwords is not null && credentials.UserName is { } userName)
            return ByPasswordAsync(credentials, userName, passwords.Current, patience);

        return ValueTask.FromResult(MayBeAnonymous(credentials)
            ? LoginVerdict.Accept(new ClientIdentity(credentials.ClientId, credentials.UserName))
            : LoginVerdict.Refuse(ReasonCode.NotAuthorized));
    }

    private LoginVerdict ByCertificate(Credentials credentials, X509Certificate2 certificate)
    {
        var name = tls.Value.UserName is CertificateUserName.Subject ? certificate.Subject : CommonNameOf(certificate);
        return string.IsNullOrEmpty(name)
            ? LoginVerdict.Refuse(ReasonCode.NotAuthorized)
            : LoginVerdict.Accept(new ClientIdentity(credentials.ClientId, name) { IsAuthenticated = true });
    }

    private async ValueTask<LoginVerdict> ByPasswordAsync(
        Credentials credentials, string userName, PasswordFile file, CancellationToken patience)
    {
        var accepted = LoginVerdict.Accept(new ClientIdentity(credentials.ClientId, userName) { IsAuthenticated = true });
        var password = credentials.Password ?? default;
        var (entry, isKnown) = file.Find(userName);
        if (isKnown && entry.Recognises(password.Span))
            return accepted;

        // Only now: who was in before is not locked out by those who guess from behind the same address.
        if (credentials.HasFailedTooOften)
            return LoginVerdict.Refuse(ReasonCode.ConnectionRateExceeded);

        if (!await hashing.MatchesAsync(entry.Hash, password, patience) || !isKnown)
            return LoginVerdict.Refuse(ReasonCode.BadUserNameOrPassword);

        entry.Remember(password.Span);
        return accepted;
    }

    // Without passwords to prove, this machine's programs are trusted, and whoever has a certificate that we trust.
    private bool MayBeAnonymous(Credentials credentials) =>
        options.Value.AllowAnonymous ?? (passwords is null && (credentials.IsLocal || credentials.Certificate is not null));

    private static string? CommonNameOf(X509Certificate2 certificate)
    {
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
            .ToArray();
        return names.Length == 1 ? names[0].GetSingleElementValue() : null;
    }
}
