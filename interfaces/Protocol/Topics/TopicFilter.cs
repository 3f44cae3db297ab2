using System.Text;
using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>
/// What may be subscribed to: '#' stands alone in the last level [MQTT-4.7.1-2], '+' alone in its level [MQTT-4.7.1-3].
/// </summary>
public static class TopicFilter
{
    public static bool IsValid(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= MqttText.MaximumBytes && HasLegalWildcards(utf8) && MqttText.IsValid(utf8);

    public static bool IsValid(string filter) =>
        filter.Length > 0 && MqttText.IsValid(filter) && IsValid(Encoding.UTF8.GetBytes(filter));

    /// <summary>Whether a valid filter can match more than one topic.</summary>
    public static bool HasWildcard(ReadOnlySpan<byte> filter) => filter.IndexOfAny((byte)'+', (byte)'#') >= 0;

    private static bool HasLegalWildcards(ReadOnlySpan<byte> filter)
    {
        var from = 0;
        while (true)
        {
            var found = filter[from..].IndexOfAny((byte)'+', (byte)'#');
            if (found < 0)
                return true;

            var at = from + found;
            if (at > 0 && filter[at - 1] != '/')
                return false;

            from = at + 1;
            if (from == filter.Length)
                return true;

            if (filter[at] == '#' || filter[from] != '/')
                return false;
        }
    }
}
