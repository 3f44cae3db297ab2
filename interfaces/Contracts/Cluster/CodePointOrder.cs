namespace Orleans.Mqtt.Cluster;

/// <summary>
/// The order of the UTF-8 bytes of two strings, which is that of the store: lists of many sources are merged by it.
/// </summary>
public sealed class CodePointOrder : IComparer<string>
{
    private const char FirstSurrogate = '\uD800', AfterSurrogates = '\uE000';

    public static readonly CodePointOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);

        var same = x.AsSpan().CommonPrefixLength(y);
        return same == x.Length || same == y.Length
            ? x.Length - y.Length
            : Rank(x[same]) - Rank(y[same]);
    }

    // Half of a surrogate pair stands for a code point above all that one char can be.
    private static int Rank(char value) => value switch
    {
        >= AfterSurrogates => value - AfterSurrogates + FirstSurrogate,
        >= FirstSurrogate => value + char.MaxValue,
        _ => value,
    };
}
