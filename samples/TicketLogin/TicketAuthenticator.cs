using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Samples.TicketLogin;

/// <summary>
/// Lets clients in that show a ticket for a password: <c>EXPIRY.SIGNATURE</c>, the expiry in seconds since 1970, the signature
/// an HMAC of user name and expiry under the key that the broker shares with whoever gives tickets out.
/// </summary>
public sealed class TicketAuthenticator(IConfiguration settings, TimeProvider time) : IAuthenticator
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(
        settings["Tickets:Key"] ?? throw new InvalidOperationException("Tickets:Key is not set."));

    /// <summary>A ticket, as the one who gives them out makes it.</summary>
    public static string Sign(byte[] key, string userName, long expiry)
    {
        var signature = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{expiry}.{userName}"));
        return $"{expiry}.{Convert.ToBase64String(signature)}";
    }

    public ValueTask<LoginVerdict> Authenticate(Credentials credentials, CancellationToken patience) =>
        ValueTask.FromResult(credentials.UserName is { } userName && IsGood(userName, credentials.Password ?? default)
            ? LoginVerdict.Accept(new ClientIdentity(credentials.ClientId, userName)
            {
                IsAuthenticated = true,
                Roles = ["ticket-holder"], // rules may name it: allow @ticket-holder publish ...
            })
            : LoginVerdict.Refuse(ReasonCode.BadUserNameOrPassword));

    private bool IsGood(string userName, ReadOnlyMemory<byte> ticket)
    {
        var text = Encoding.UTF8.GetString(ticket.Span);
        return long.TryParse(text.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var expiry)
            && expiry > time.GetUtcNow().ToUnixTimeSeconds()
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(_key, userName, expiry)), ticket.Span);
    }
}
