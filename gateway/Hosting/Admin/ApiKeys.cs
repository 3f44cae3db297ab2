using System.Security.Cryptography;
using System.Text;

namespace Orleans.Mqtt.Gateway.Hosting.Admin;

/// <summary>The keys of the admin address. How long a comparison takes tells nothing of them.</summary>
internal sealed class ApiKeys(IReadOnlyList<string> keys)
{
    private const int Shortest = 16;

    private readonly byte[][] _hashes = [.. keys.Select(HashOf)];

    public bool Any => _hashes.Length > 0;

    /// <summary>A key that can be guessed, or that no header can carry, is none.</summary>
    public static bool IsFit(string key) => key.Length >= Shortest && key.All(sign => sign is > ' ' and <= '~');

    public bool Have(string? key)
    {
        // Hashes are of one length, whatever the key's is, and each is looked at even when one has matched.
        var given = HashOf(key ?? "");
        var isKnown = false;
        foreach (var hash in _hashes)
            isKnown |= CryptographicOperations.FixedTimeEquals(hash, given);
        return isKnown && key is not null;
    }

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
