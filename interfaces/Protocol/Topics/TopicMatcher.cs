namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>Says whether one filter matches one topic; for many filters or many topics there are the trees.</summary>
public static class TopicMatcher
{
    /// <summary>Both must be legal, and the filter no <c>$share</c> one. MQTT 5 section 4.7.</summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        if (filter.IsEmpty || topic.IsEmpty)
            return false;

        if (topic[0] is (byte)'$' && filter[0] is (byte)'+' or (byte)'#')
            return false; // [MQTT-4.7.2-1]

        while (true)
        {
            if (filter is [(byte)'#'])
                return true;

            var filterEnd = LevelEnd(filter);
            var topicEnd = LevelEnd(topic);
            if (filter[..filterEnd] is not [(byte)'+'] && !filter[..filterEnd].SequenceEqual(topic[..topicEnd]))
                return false;

            var filterGoesOn = filterEnd < filter.Length;
            if (topicEnd == topic.Length)
                return !filterGoesOn || filter[filterEnd..] is [(byte)'/', (byte)'#']; // '#' includes the parent level

            if (!filterGoesOn)
                return false;

            filter = filter[(filterEnd + 1)..];
            topic = topic[(topicEnd + 1)..];
        }
    }

    private static int LevelEnd(ReadOnlySpan<byte> text)
    {
        var slash = text.IndexOf((byte)'/');
        return slash < 0 ? text.Length : slash;
    }
}
