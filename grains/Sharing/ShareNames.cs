using System.Diagnostics.CodeAnalysis;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// What a shared subscription is called where sessions go by their client ids, in the store and among the lanes: its filter
/// behind U+0000, which is in no client id [MQTT-1.5.4-2].
/// </summary>
internal static class ShareNames
{
    private const char Mark = '\0';

    public static string Of(string sharedFilter) => Mark + sharedFilter;

    /// <summary>The share name, and what topics are matched with.</summary>
    public static (string Name, string Filter) Split(string sharedFilter) =>
        SharedFilter.TryParse(sharedFilter, out var name, out var filter)
            ? (name, filter)
            : throw new ArgumentException($"'{sharedFilter}' is not a shared subscription.", nameof(sharedFilter));

    public static bool TryGetFilter(string name, [NotNullWhen(true)] out string? sharedFilter)
    {
        sharedFilter = name is [Mark, ..] ? name[1..] : null;
        return sharedFilter is not null;
    }
}
