using System.Buffers;
using System.Text;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// MQTT topics as NATS subjects, by the rules of the NATS server's own MQTT: '/' becomes '.', '.' becomes '//', and a level
/// that is empty becomes '/'. So it can be turned round.
/// </summary>
/// <remarks>
/// A topic has no subject when it has blanks or control characters (they end a subject in the protocol), a level that is just
/// '*' or '>' (a wildcard there), or is too long.
/// </remarks>
internal static class SubjectMap
{
    // A server closes the connection upon a line of more than 4,096 bytes; the rest is for the other words of the line.
    public const int LongestSubject = 3_800;

    private const int OnStack = 512;

    /// <summary>The subject below the prefix; null when there is none.</summary>
    public static string? ToSubject(string prefix, ReadOnlySpan<byte> topic)
    {
        // At worst every byte becomes two.
        var size = prefix.Length + 2 + (topic.Length * 2);
        if (topic.Length > LongestSubject)
            return null;

        var rented = size > OnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        try
        {
            var subject = rented ?? stackalloc byte[OnStack];
            var start = Encoding.UTF8.GetBytes(prefix, subject);
            subject[start++] = (byte)'.';
            var end = Write(topic, subject, start);
            return end is 0 or > LongestSubject ? null : Encoding.UTF8.GetString(subject[..end]);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The topic of a subject whose prefix was taken off; null when no topic has that subject.</summary>
    public static string? ToTopic(string subject)
    {
        var topic = new StringBuilder(subject.Length);
        foreach (var token in subject.Split('.'))
        {
            topic.Append('/');
            if (token.Length == 0 || (token != "/" && !TryAppend(token, topic)))
                return null;
        }

        var text = topic.ToString(1, topic.Length - 1);
        return TopicName.IsValid(text) ? text : null;
    }

    /// <summary>Gives the end of what was written, 0 when the topic cannot be a subject.</summary>
    private static int Write(ReadOnlySpan<byte> topic, Span<byte> subject, int at)
    {
        var level = at;
        foreach (var value in topic)
        {
            switch (value)
            {
                case (byte)'/':
                    if (!TryEndLevel(subject, level, ref at))
                        return 0;
                    subject[at++] = (byte)'.';
                    level = at;
                    break;
                case (byte)'.':
                    subject[at++] = (byte)'/';
                    subject[at++] = (byte)'/';
                    break;
                case <= (byte)' ' or 0x7F:
                    return 0;
                default:
                    subject[at++] = value;
                    break;
            }
        }

        return TryEndLevel(subject, level, ref at) ? at : 0;
    }

    private static bool TryEndLevel(Span<byte> subject, int level, ref int at)
    {
        if (at == level)
            subject[at++] = (byte)'/';
        return at - level > 1 || subject[level] is not ((byte)'*' or (byte)'>');
    }

    private static bool TryAppend(string token, StringBuilder topic)
    {
        for (var at = 0; at < token.Length; at++)
        {
            if (token[at] != '/')
            {
                topic.Append(token[at]);
                continue;
            }

            // A '/' that is not one of a pair is of no topic.
            if (++at == token.Length || token[at] != '/')
                return false;
            topic.Append('.');
        }

        return true;
    }
}
