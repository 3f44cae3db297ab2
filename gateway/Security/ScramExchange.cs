using System.Globalization;
using System.Text;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>
/// The server's side of one SCRAM exchange. An unknown user is asked the same as a known one and fails at the same step, so
/// that nobody learns who has an account.
/// </summary>
internal sealed class ScramExchange(
    string clientId, Func<string, (ScramVerifier Verifier, bool IsKnown)> find, string nonce) : IAuthenticationExchange
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ScramFirst? _first;
    private string _question = "";
    private ScramVerifier? _verifier;
    private bool _isKnown;

    public ValueTask<AuthenticationStep> Advance(ReadOnlyMemory<byte>? data, CancellationToken patience) =>
        ValueTask.FromResult(TextOf(data) is { } text ? Take(text) : Refused);

    private static AuthenticationStep Refused => AuthenticationStep.Refuse(ReasonCode.NotAuthorized);

    private AuthenticationStep Take(string text)
    {
        if (_first is { } first)
            return Judge(first, text);
        if (text.Length == 0)
            return AuthenticationStep.Continue(); // CONNECT brought nothing: the client is to begin, RFC 4422 section 5

        _first = ScramFirst.Parse(text);
        if (_first is null)
            return Refused;

        (_verifier, _isKnown) = find(_first.UserName);
        _question = string.Create(
            CultureInfo.InvariantCulture,
            $"r={_first.Nonce}{nonce},s={Convert.ToBase64String(_verifier.Salt)},i={_verifier.Iterations}");
        return AuthenticationStep.Continue(Encoding.UTF8.GetBytes(_question));
    }

    private AuthenticationStep Judge(ScramFirst first, string answer)
    {
        var proofAt = answer.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0)
            return Refused;

        var withoutProof = answer[..proofAt];
        var binding = Convert.ToBase64String(Encoding.UTF8.GetBytes(first.Header));
        var expected = $"c={binding},r={first.Nonce}{nonce}";
        if (withoutProof != expected && !withoutProof.StartsWith(expected + ",", StringComparison.Ordinal)) // extensions may follow
            return Refused;

        var messages = Encoding.UTF8.GetBytes($"{first.Bare},{_question},{withoutProof}");
        Span<byte> proof = stackalloc byte[answer.Length];
        var isProof = Convert.TryFromBase64String(answer[(proofAt + 3)..], proof, out var length);
        if (!isProof || !_verifier!.Proves(proof[..length], messages) || !_isKnown)
            return AuthenticationStep.Refuse(ReasonCode.BadUserNameOrPassword);

        return AuthenticationStep.Accept(
            new ClientIdentity(clientId, first.UserName) { IsAuthenticated = true },
            Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(_verifier.Sign(messages))}"));
    }

    private static string? TextOf(ReadOnlyMemory<byte>? data)
    {
        if (data is not { } bytes)
            return "";

        try
        {
            // No honest message is longer; what is longer is not worth the room on the stack that its proof would take.
            return bytes.Length <= ScramFirst.LongestMessage ? _strict.GetString(bytes.Span) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
