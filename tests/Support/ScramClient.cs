using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>The client's side of SCRAM-SHA-256, written from RFC 5802 and from nothing of the broker.</summary>
public sealed class ScramClient(string user, string password, string nonce)
{
    public const string Method = "SCRAM-SHA-256";

    private string _bare = "";
    private byte[] _expected = [];

    public ScramClient(string user, string password)
        : this(user, password, Convert.ToBase64String(RandomNumberGenerator.GetBytes(15)))
    {
    }

    /// <summary>What the server asked: nonce, salt, iterations.</summary>
    public string Question { get; private set; } = "";

    /// <summary>Says who it is.</summary>
    public byte[] First()
    {
        _bare = $"n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={nonce}";
        return Encoding.UTF8.GetBytes("n,," + _bare);
    }

    /// <summary>Proves it.</summary>
    public byte[] Final(byte[] question)
    {
        Question = Encoding.UTF8.GetString(question);
        var parts = Question.Split(',');
        Assert.StartsWith("r=" + nonce, parts[0], StringComparison.Ordinal);
        Assert.True(parts[0].Length > nonce.Length + 10, "the server adds a nonce of its own");
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password), Convert.FromBase64String(parts[1][2..]),
            int.Parse(parts[2][2..], CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        var withoutProof = $"c=biws,{parts[0]}";
        var messages = Encoding.UTF8.GetBytes($"{_bare},{Question},{withoutProof}");
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), messages);
        var proof = clientKey.Zip(signature, (key, sign) => (byte)(key ^ sign)).ToArray();
        _expected = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), messages);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}");
    }

    /// <summary>The server has shown that it knows the user, too.</summary>
    public void ExpectSigned(byte[] last) =>
        Assert.Equal($"v={Convert.ToBase64String(_expected)}", Encoding.UTF8.GetString(last));
}
