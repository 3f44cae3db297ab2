using System.Diagnostics.CodeAnalysis;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>
/// <c>$exclusive/filter</c>: one client alone may hold it, and hears what matches the filter behind the prefix. Not of the
/// standard; other brokers have it, too.
/// </summary>
public static class ExclusiveFilter
{
    private const string Prefix = "$exclusive/";

    /// <summary>Whether the filter asks to be the only one, well-formed or not.</summary>
    public static bool IsExclusive(string filter) => filter.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>False where no filter of the standard follows the prefix; a shared one would be a contradiction.</summary>
    public static bool TryParse(string exclusive, [NotNullWhen(true)] out string? filter)
    {
        filter = IsExclusive(exclusive) ? exclusive[Prefix.Length..] : null;
        if (filter is null || SharedFilter.IsShared(filter) || IsExclusive(filter) || !TopicFilter.IsValid(filter))
            filter = null;
        return filter is not null;
    }

    /// <summary>The filter that topics are matched with: what follows the prefix, or the filter itself.</summary>
    public static string Matched(string filter) => IsExclusive(filter) ? filter[Prefix.Length..] : filter;

    /// <summary>The exclusive form of a filter.</summary>
    public static string Of(string filter) => Prefix + filter;
}
