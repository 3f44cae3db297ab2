using System.Text;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>Messages from NATS of one origin on their way in, and who is to hear what became of each.</summary>
internal sealed class InletBatch
{
    public const int MostMessages = 256;

    public PublicationBatch Publications { get; } = new();

    /// <summary>Where the verdict of each publication is awaited; null: nowhere.</summary>
    public List<string?> ReplyTo { get; } = [];

    public bool IsFull => ReplyTo.Count >= MostMessages;

    public void Add(
        string topic, ReadOnlySpan<byte> payload, in Asked asked, string? replyTo, ulong publisher, ulong sequence,
        DateTimeOffset now)
    {
        var block = asked.Properties.ToBlock();
        var topicLength = Encoding.UTF8.GetByteCount(topic);
        var record = Publications.Records.Add(MessageRecord.Measure(topicLength, payload.Length, block.Length));
        MessageRecord.WriteHeader(
            record, MessageRecord.FlagsOf(asked.QoS, asked.Retain), topicLength, payload.Length,
            asked.Expiry is { } seconds ? MessageExpiry.From(seconds, now) : 0, publisher, asked.QoS is QoS.AtMostOnce ? 0 : sequence);
        var rest = record[MessageRecord.HeaderSize..];
        Encoding.UTF8.GetBytes(topic, rest);
        payload.CopyTo(rest[topicLength..]);
        block.CopyTo(rest[(topicLength + payload.Length)..]);
        Publications.HasRetained |= asked.Retain;
        ReplyTo.Add(replyTo);
    }
}
