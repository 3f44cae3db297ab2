using System.Security.Cryptography;
using System.Text;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>The users of a password file: lines of <c>USER:HASH</c>, empty ones, and comments that begin with '#'.</summary>
internal sealed class PasswordFile
{
    /// <summary>
    /// A comment to others. What is shown to unknown users is made from it, so that it is the same at every gateway and after
    /// every start: what is shown to known ones is, too.
    /// </summary>
    public const string DecoyPrefix = "#decoy:";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, PasswordEntry> _entries = new(StringComparer.Ordinal);
    private readonly PasswordEntry[] _decoys;
    private readonly ScramVerifier[] _verifiers;
    private readonly byte[] _decoyKey;

    private PasswordFile(IEnumerable<string> lines, PasswordFile? before = null)
    {
        var number = 0;
        _decoyKey = _key;
        foreach (var line in lines)
        {
            number++;
            if (line.StartsWith(DecoyPrefix, StringComparison.Ordinal))
                _decoyKey = Encoding.UTF8.GetBytes(line);
            if (line.Length > 0 && line[0] != '#')
                Add(line, number, before);
        }

        // An unknown user must not be told from a known one by the time that the answer takes. What a file holds may differ in
        // cost, so each unknown name has the cost of one of the known, always the same one.
        _decoys = _entries.Count > 0 ? [.. _entries.Values] : [new PasswordEntry(PasswordHash.Create("decoy"u8), _key)];
        _verifiers = [.. _entries.Values.Select(entry => entry.Hash).OfType<ScramVerifier>()];
    }

    /// <summary>Verifiers are there, and nothing yet to make those of unknown users from.</summary>
    public bool WantsDecoy => _verifiers.Length > 0 && _decoyKey == _key;

    public IReadOnlyCollection<string> Users => _entries.Keys;

    /// <exception cref="FormatException">A line is not as it should be. The message does not quote it: it may be a secret.</exception>
    public static PasswordFile Read(string path, PasswordFile? before = null) => new(File.ReadLines(path), before);

    public static PasswordFile Parse(string text) => new(text.ReplaceLineEndings("\n").Split('\n'));

    /// <summary>The entry to check, of a known user or a decoy that nobody's password passes.</summary>
    public (PasswordEntry Entry, bool IsKnown) Find(string userName) => _entries.TryGetValue(userName, out var entry)
        ? (entry, true)
        : (_decoys[DecoyOf(_key, userName, _decoys.Length)], false);

    /// <summary>The verifier to check a proof by, of a known user or one that nobody passes and that looks like any other.</summary>
    public (ScramVerifier Verifier, bool IsKnown) FindVerifier(string userName)
    {
        var decoy = DecoyVerifierOf(userName); // made for known users too: it takes time
        return _entries.GetValueOrDefault(userName)?.Hash is ScramVerifier verifier ? (verifier, true) : (decoy, false);
    }

    /// <summary>Whether the user is there with the same password as in another reading of the file.</summary>
    public bool HasSame(string userName, PasswordFile other) =>
        _entries.TryGetValue(userName, out var own) && other._entries.TryGetValue(userName, out var others)
        && own.Hash.IsSameAs(others.Hash);

    private void Add(string line, int number, PasswordFile? before)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1)
            throw new FormatException($"line {number} is not \"USER:HASH\"");
        if (!StoredPassword.TryParse(line[(colon + 1)..].TrimEnd(), out var hash))
            throw new FormatException($"line {number}: what stands behind the user name is no hash that is known here");

        // Who has the same password as before is still recognised.
        var userName = line[..colon];
        var known = before?._entries.GetValueOrDefault(userName);
        var entry = known is not null && known.Hash.IsSameAs(hash) ? known : new PasswordEntry(hash, _key);
        if (!_entries.TryAdd(userName, entry))
            throw new FormatException($"line {number}: this user has a line already");
    }

    private ScramVerifier DecoyVerifierOf(string userName)
    {
        if (_verifiers.Length == 0)
            return ScramVerifier.Decoy(_decoyKey, userName, StoredPassword.DefaultIterations, ScramVerifier.SaltBytes);

        var like = _verifiers[DecoyOf(_decoyKey, userName, _verifiers.Length)];
        return ScramVerifier.Decoy(_decoyKey, userName, like.Iterations, like.Salt.Length);
    }

    private static int DecoyOf(byte[] key, string userName, int count)
    {
        var digest = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(userName));
        return (int)(BitConverter.ToUInt32(digest) % (uint)count);
    }
}

/// <summary>One user's hash, and whether the password was seen already.</summary>
internal sealed class PasswordEntry(StoredPassword hash, byte[] key)
{
    // A keyed hash of the password that was right last time, under a key that never leaves the process. It lets those in at
    // once who come back, so that ten thousand clients that reconnect do not cost ten thousand slow hashes.
    private volatile byte[]? _recognised;

    public StoredPassword Hash => hash;

    /// <summary>True when this password was right before; false says nothing.</summary>
    public bool Recognises(ReadOnlySpan<byte> password)
    {
        if (_recognised is not { } known)
            return false;

        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, password, digest);
        return CryptographicOperations.FixedTimeEquals(digest, known);
    }

    public void Remember(ReadOnlySpan<byte> password) => _recognised = HMACSHA256.HashData(key, password);
}
