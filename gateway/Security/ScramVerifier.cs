using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>
/// What RFC 5802 has a server keep of a password: enough to check a proof of it, not enough to make one. Written as PostgreSQL
/// writes it: <c>SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY</c>.
/// </summary>
internal sealed class ScramVerifier : StoredPassword
{
    /// <summary>Of RFC 7677. Clients may turn away from fewer.</summary>
    public const int MinimumIterations = 4096;

    public const int SaltBytes = 16;

    private const string Scheme = "SCRAM-SHA-256";
    private const int KeyBytes = SHA256.HashSizeInBytes;

    private readonly byte[] _salt;
    private readonly byte[] _storedKey;
    private readonly byte[] _serverKey;

    public ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey)
    {
        Iterations = iterations;
        _salt = salt;
        _storedKey = storedKey;
        _serverKey = serverKey;
    }

    public override int Iterations { get; }

    public ReadOnlySpan<byte> Salt => _salt;

    public static ScramVerifier Create(ReadOnlySpan<byte> password, int iterations = DefaultIterations) =>
        Create(password, iterations, RandomNumberGenerator.GetBytes(SaltBytes));

    public static ScramVerifier Create(ReadOnlySpan<byte> password, int iterations, byte[] salt)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            PreparedText.Of(password), salt, iterations, HashAlgorithmName.SHA256, KeyBytes);
        var storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        return new ScramVerifier(iterations, salt, storedKey, HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>One that looks like another and that nobody passes; the same for the same name and key.</summary>
    public static ScramVerifier Decoy(byte[] key, string userName, int iterations, int saltBytes)
    {
        var salt = Derive("salt", Math.Min(saltBytes, KeyBytes));
        return new ScramVerifier(iterations, salt, Derive("stored", KeyBytes), Derive("server", KeyBytes));

        byte[] Derive(string what, int length) =>
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{what}:{userName}"))[..length];
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        if (text.Split('$', ':') is not [Scheme, var count, var salt, var storedKey, var serverKey]
            || text != $"{Scheme}${count}:{salt}${storedKey}:{serverKey}"
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < MinimumIterations or > MaximumIterations
            || Decode(salt) is not { Length: >= MinimumSaltBytes } saltBytes
            || Decode(storedKey) is not { Length: KeyBytes } storedKeyBytes
            || Decode(serverKey) is not { Length: KeyBytes } serverKeyBytes)
        {
            return false;
        }

        verifier = new ScramVerifier(iterations, saltBytes, storedKeyBytes, serverKeyBytes);
        return true;
    }

    public override bool Matches(ReadOnlySpan<byte> password) =>
        CryptographicOperations.FixedTimeEquals(Create(password, Iterations, _salt)._storedKey, _storedKey);

    /// <summary>Whether who sent this proof about these messages knows the password: RFC 5802, section 3.</summary>
    public bool Proves(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> messages)
    {
        if (proof.Length != KeyBytes)
            return false;

        Span<byte> clientKey = stackalloc byte[KeyBytes];
        HMACSHA256.HashData(_storedKey, messages, clientKey);
        for (var i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= proof[i];
        Span<byte> digest = stackalloc byte[KeyBytes];
        SHA256.HashData(clientKey, digest);
        return CryptographicOperations.FixedTimeEquals(digest, _storedKey);
    }

    /// <summary>Shows the client that we have its verifier.</summary>
    public byte[] Sign(ReadOnlySpan<byte> messages) => HMACSHA256.HashData(_serverKey, messages);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scheme}${Iterations}:{Convert.ToBase64String(_salt)}${Convert.ToBase64String(_storedKey)}:{Convert.ToBase64String(_serverKey)}");

    private static byte[]? Decode(string text)
    {
        Span<byte> decoded = stackalloc byte[MaximumBytes];
        return Convert.TryFromBase64String(text, decoded, out var length) ? decoded[..length].ToArray() : null;
    }
}
