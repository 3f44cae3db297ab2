using System.Diagnostics.CodeAnalysis;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>What a password file keeps of a password: something to check it by and not to find it by.</summary>
internal abstract class StoredPassword
{
    /// <summary>A file must not make one login a matter of minutes.</summary>
    public const int MaximumIterations = 10_000_000;

    /// <summary>What OWASP asks for with SHA-256; about 0.1 s of one core.</summary>
    public const int DefaultIterations = 600_000;

    protected const int MinimumSaltBytes = 8;
    protected const int MaximumBytes = 256;

    public abstract int Iterations { get; }

    public static bool TryParse(string text, [NotNullWhen(true)] out StoredPassword? stored)
    {
        stored = PasswordHash.TryParse(text, out var hash) ? hash : ScramVerifier.TryParse(text, out var verifier) ? verifier : null;
        return stored is not null;
    }

    /// <summary>Takes as long as the iterations ask for, whatever the answer.</summary>
    public abstract bool Matches(ReadOnlySpan<byte> password);

    /// <summary>As it stands in the file.</summary>
    public abstract override string ToString();

    public bool IsSameAs(StoredPassword other) => ToString() == other.ToString();
}
