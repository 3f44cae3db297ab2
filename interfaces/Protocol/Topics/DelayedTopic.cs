using System.Buffers.Text;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>
/// <c>$delayed/SECONDS/topic</c>: what is published to it is published to the topic, that much later. Not of the standard;
/// other brokers have it, too.
/// </summary>
public static class DelayedTopic
{
    private static ReadOnlySpan<byte> Prefix => "$delayed/"u8;

    /// <summary>Whether a message is to wait, be the rest well-formed or not.</summary>
    public static bool IsDelayed(ReadOnlySpan<byte> topic) => topic.StartsWith(Prefix);

    /// <summary>False where no number and no topic follow, or where the topic would be delayed again.</summary>
    public static bool TryParse(ReadOnlySpan<byte> topic, out uint seconds, out ReadOnlySpan<byte> target)
    {
        seconds = 0;
        target = default;
        if (!IsDelayed(topic))
            return false;

        var rest = topic[Prefix.Length..];
        if (!Utf8Parser.TryParse(rest, out seconds, out var digits) || digits >= rest.Length || rest[digits] != '/')
            return false;

        target = rest[(digits + 1)..];
        return !target.IsEmpty && !IsDelayed(target);
    }

    /// <summary>The topic that a message is for in the end: whoever may publish there may do so later.</summary>
    public static ReadOnlySpan<byte> TargetOf(ReadOnlySpan<byte> topic) =>
        TryParse(topic, out _, out var target) ? target : topic;
}
