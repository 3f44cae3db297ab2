using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Samples.TicketLogin;

/// <summary>
/// Enhanced authentication of MQTT 5 with the same tickets, which are not sent: the client says <c>EXPIRY.USER</c>, is asked
/// something new each time, and answers with an HMAC of it under its ticket.
/// </summary>
public sealed class ChallengeMethod(IConfiguration settings, TimeProvider time) : IAuthenticationMethod
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(
        settings["Tickets:Key"] ?? throw new InvalidOperationException("Tickets:Key is not set."));

    public string Name => "TICKET";

    public IAuthenticationExchange Begin(Credentials credentials) => new Exchange(this, credentials.ClientId);

    private string? TicketOf(string claim, out string userName)
    {
        var dot = claim.IndexOf('.', StringComparison.Ordinal);
        userName = claim[(dot + 1)..];
        return dot > 0 && long.TryParse(claim[..dot], out var expiry) && expiry > time.GetUtcNow().ToUnixTimeSeconds()
            ? TicketAuthenticator.Sign(_key, userName, expiry)
            : null;
    }

    private sealed class Exchange(ChallengeMethod method, string clientId) : IAuthenticationExchange
    {
        private readonly byte[] _question = RandomNumberGenerator.GetBytes(16);
        private string? _claim;

        public ValueTask<AuthenticationStep> Advance(ReadOnlyMemory<byte>? data, CancellationToken patience)
        {
            if (_claim is not null)
                return ValueTask.FromResult(Judge(_claim, data ?? default));

            _claim = Encoding.UTF8.GetString((data ?? default).Span);
            return ValueTask.FromResult(AuthenticationStep.Continue(_question));
        }

        private AuthenticationStep Judge(string claim, ReadOnlyMemory<byte> answer) =>
            method.TicketOf(claim, out var userName) is { } ticket
            && CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Encoding.UTF8.GetBytes(ticket), _question), answer.Span)
                ? AuthenticationStep.Accept(new ClientIdentity(clientId, userName) { IsAuthenticated = true, Roles = ["ticket-holder"] })
                : AuthenticationStep.Refuse(ReasonCode.NotAuthorized);
    }
}
