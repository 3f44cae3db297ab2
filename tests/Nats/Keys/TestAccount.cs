using System.Buffers.Text;
using System.Text;
using NATS.NKeys;

namespace Orleans.Mqtt.Tests.Nats.Keys;

/// <summary>An operator, an account and a user, signed one by the other, as the tool "nsc" makes them.</summary>
internal sealed class TestAccount
{
    private const string Unlimited =
        "\"limits\":{\"subs\":-1,\"data\":-1,\"payload\":-1,\"imports\":-1,\"exports\":-1,\"wildcards\":true,\"conn\":-1,\"leaf\":-1},";

    private readonly string _operator = NewSeed('O');
    private readonly string _account = NewSeed('A');
    private readonly string _user = NewSeed('U');

    /// <summary>For a server that lets in whom the account has signed.</summary>
    public string ServerConfiguration => $$"""
        operator: {{Signed(_operator, _operator, "\"type\":\"operator\",\"version\":2")}}
        resolver: MEMORY
        resolver_preload: { {{PublicOf(_account)}}: {{Signed(_operator, _account, $"{Unlimited}\"type\":\"account\",\"version\":2")}} }
        """;

    /// <summary>The file of the user.</summary>
    public string Credentials => $"""
        -----BEGIN NATS USER JWT-----
        {Signed(_account, _user, "\"pub\":{},\"sub\":{},\"subs\":-1,\"data\":-1,\"payload\":-1,\"type\":\"user\",\"version\":2")}
        ------END NATS USER JWT------

        -----BEGIN USER NKEY SEED-----
        {_user}
        ------END USER NKEY SEED------

        """;

    private static string Signed(string issuer, string subject, string claims)
    {
        var head = Base64Url.EncodeToString("{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}"u8);
        var body = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            $"{{\"jti\":\"TEST\",\"iat\":1700000000,\"iss\":\"{PublicOf(issuer)}\",\"name\":\"test\",\"sub\":\"{PublicOf(subject)}\",\"nats\":{{{claims}}}}}"));
        using var pair = KeyPair.FromSeed(issuer);
        var signature = new byte[64];
        pair.Sign(Encoding.ASCII.GetBytes($"{head}.{body}"), signature);
        return $"{head}.{body}.{Base64Url.EncodeToString(signature)}";
    }

    private static string PublicOf(string seed)
    {
        using var pair = KeyPair.FromSeed(seed);
        return pair.GetPublicKey();
    }

    private static string NewSeed(char kind)
    {
        var secret = new byte[32];
        Random.Shared.NextBytes(secret);
        return SeedText.Of(kind, secret);
    }
}
