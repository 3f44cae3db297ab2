using System.Security.Cryptography;
using Orleans.Mqtt.Gateway.Files;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>SCRAM-SHA-256, RFC 5802 and 7677: the users of the password file prove their password without sending it.</summary>
internal sealed class ScramMethod(WatchedFile<PasswordFile> passwords) : IAuthenticationMethod
{
    private const int NonceBytes = 18;

    public string Name => "SCRAM-SHA-256";

    public IAuthenticationExchange Begin(Credentials credentials) => new ScramExchange(
        credentials.ClientId, userName => passwords.Current.FindVerifier(userName),
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes)));
}
