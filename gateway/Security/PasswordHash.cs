using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>
/// A salted slow hash that says how it was made: <c>$pbkdf2-sha256$ITERATIONS$SALT$HASH</c>, as passlib writes it, the same
/// with sha512, or <c>$7$ITERATIONS$SALT$HASH</c>, as mosquitto_passwd writes it.
/// </summary>
internal sealed class PasswordHash : StoredPassword
{
    private const string Sha256 = "pbkdf2-sha256";
    private const string Sha512 = "pbkdf2-sha512";
    private const string Mosquitto = "7";
    private const int SaltBytes = 16;
    private const int MinimumHashBytes = 16;

    private readonly string _scheme;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(string scheme, int iterations, byte[] salt, byte[] hash)
    {
        _scheme = scheme;
        Iterations = iterations;
        _salt = salt;
        _hash = hash;
    }

    public override int Iterations { get; }

    private HashAlgorithmName Algorithm => _scheme == Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512;

    public static PasswordHash Create(ReadOnlySpan<byte> password, int iterations = DefaultIterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        return new PasswordHash(Sha256, iterations, salt, hash);
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out PasswordHash? hash)
    {
        hash = null;
        if (text.Split('$') is not ["", Sha256 or Sha512 or Mosquitto, .. { Length: 3 }] parts
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MaximumIterations
            || !TryDecode(parts[3], MinimumSaltBytes, out var salt)
            || !TryDecode(parts[4], MinimumHashBytes, out var bytes))
        {
            return false;
        }

        hash = new PasswordHash(parts[1], iterations, salt, bytes);
        return true;
    }

    public override bool Matches(ReadOnlySpan<byte> password)
    {
        Span<byte> computed = stackalloc byte[MaximumBytes];
        computed = computed[.._hash.Length];
        Rfc2898DeriveBytes.Pbkdf2(password, _salt, computed, Iterations, Algorithm);
        return CryptographicOperations.FixedTimeEquals(computed, _hash);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"${_scheme}${Iterations}${Encode(_salt)}${Encode(_hash)}");

    // passlib writes '.' for '+' and leaves the padding out; mosquitto does neither. Both are read everywhere.
    private string Encode(byte[] bytes)
    {
        var text = Convert.ToBase64String(bytes);
        return _scheme == Mosquitto ? text : text.TrimEnd('=').Replace('+', '.');
    }

    private static bool TryDecode(string text, int least, out byte[] bytes)
    {
        bytes = [];
        var plain = text.TrimEnd('=').Replace('.', '+');
        var padded = plain.PadRight((plain.Length + 3) / 4 * 4, '=');
        Span<byte> decoded = stackalloc byte[MaximumBytes];
        if (!Convert.TryFromBase64String(padded, decoded, out var length) || length < least)
            return false;

        bytes = decoded[..length].ToArray();
        return true;
    }
}
