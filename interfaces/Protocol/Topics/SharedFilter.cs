using System.Diagnostics.CodeAnalysis;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>$share/group/filter taken apart, chapter 4.8.2.</summary>
public static class SharedFilter
{
    private const string Prefix = "$share/";

    /// <summary>Whether the filter asks for a shared subscription, well-formed or not.</summary>
    public static bool IsShared(ReadOnlySpan<byte> filter) => filter.StartsWith("$share/"u8) || filter.SequenceEqual("$share"u8);

    /// <summary>Whether the filter asks for a shared subscription, well-formed or not.</summary>
    public static bool IsShared(string filter) =>
        filter.StartsWith(Prefix, StringComparison.Ordinal) || filter is "$share";

    /// <summary>
    /// True for a legal shared filter: the group has a character and no wildcard [MQTT-4.8.2-1], and a filter
    /// follows it [MQTT-4.8.2-2].
    /// </summary>
    public static bool TryParse(
        string shared, [NotNullWhen(true)] out string? group, [NotNullWhen(true)] out string? filter)
    {
        group = null;
        filter = null;
        if (!shared.StartsWith(Prefix, StringComparison.Ordinal))
            return false;

        var rest = shared.AsSpan(Prefix.Length);
        var slash = rest.IndexOf('/');
        if (slash <= 0 || rest[..slash].IndexOfAny('+', '#') >= 0)
            return false;

        var inner = rest[(slash + 1)..].ToString();
        if (!TopicFilter.IsValid(inner))
            return false;

        group = rest[..slash].ToString();
        filter = inner;
        return true;
    }

    /// <summary>The same on bytes, which it only borrows.</summary>
    public static bool TryParse(ReadOnlySpan<byte> shared, out ReadOnlySpan<byte> group, out ReadOnlySpan<byte> filter)
    {
        group = default;
        filter = default;
        if (!shared.StartsWith("$share/"u8))
            return false;

        var rest = shared[Prefix.Length..];
        var slash = rest.IndexOf((byte)'/');
        if (slash <= 0 || TopicFilter.HasWildcard(rest[..slash]) || !TopicFilter.IsValid(rest[(slash + 1)..]))
            return false;

        group = rest[..slash];
        filter = rest[(slash + 1)..];
        return true;
    }
}
