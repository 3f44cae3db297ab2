namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Writes a key as the commands that would make it again.</summary>
internal static class SnapshotEntries
{
    private const int PartsAtOnce = 1_024;
    private const int BytesAtOnce = 1024 * 1024;

    public static void Write(LogBuffer buffer, Entry entry)
    {
        switch (entry.Value)
        {
            case byte[] value:
                Write(buffer, "SET"u8, entry.Key, [value]);
                break;

            case Deque list:
                Write(buffer, "RPUSH"u8, entry.Key, Enumerable.Range(0, list.Count).Select(index => list[index]));
                break;

            case Dictionary<byte[], byte[]> hash:
                Write(buffer, "HSET"u8, entry.Key, hash.SelectMany(field => (byte[][])[field.Key, field.Value]));
                break;

            case HashSet<byte[]> set:
                Write(buffer, "SADD"u8, entry.Key, set);
                break;

            case SortedMembers members:
                Write(buffer, "ZADD"u8, entry.Key, members.InOrder.SelectMany(
                    member => (byte[][])[ScoreOf(member.Score), member.Member]));
                break;
        }

        if (entry.ExpiresAt > 0)
            Write(buffer, "PEXPIREAT"u8, entry.Key, [Arguments.Number(entry.ExpiresAt)]);
    }

    public static void WriteEnd(LogBuffer buffer)
    {
        buffer.Open();
        buffer.Begin(1);
        buffer.Part(LogReader.End);
        buffer.Close();
    }

    // An even number of parts at once, so that names stay with their values and members with their scores.
    private static void Write(LogBuffer buffer, ReadOnlySpan<byte> command, byte[] key, IEnumerable<byte[]> parts)
    {
        var some = new List<byte[]>();
        var bytes = 0;
        foreach (var part in parts)
        {
            some.Add(part);
            bytes += part.Length;
            if (some.Count % 2 is 0 && (some.Count == PartsAtOnce || bytes > BytesAtOnce))
            {
                WriteOne(buffer, command, key, some);
                some.Clear();
                bytes = 0;
            }
        }

        if (some.Count > 0)
            WriteOne(buffer, command, key, some);
    }

    private static void WriteOne(LogBuffer buffer, ReadOnlySpan<byte> command, byte[] key, List<byte[]> parts)
    {
        buffer.Open();
        buffer.Begin(2 + parts.Count);
        buffer.Part(command);
        buffer.Part(key);
        foreach (var part in parts)
            buffer.Part(part);

        buffer.Close();
    }

    private static byte[] ScoreOf(double score)
    {
        var replies = new Replies();
        replies.Score(score);
        var text = replies.Written.Span;
        var from = text.IndexOf((byte)'\n') + 1;
        return text[from..^2].ToArray();
    }
}
