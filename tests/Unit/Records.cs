using System.Text;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>Message records as tests want them.</summary>
internal static class Records
{
    public static byte[] Of(
        string topic = "a", string payload = "", QoS qos = QoS.AtMostOnce, RecordFlags flags = RecordFlags.None,
        ulong publisher = 0, ulong sequence = 0, long position = 0, uint expiry = 0, byte[]? properties = null)
    {
        properties ??= [];
        var topicLength = Encoding.UTF8.GetByteCount(topic);
        var payloadLength = Encoding.UTF8.GetByteCount(payload);
        var record = new byte[MessageRecord.Measure(topicLength, payloadLength, properties.Length)];
        MessageRecord.WriteHeader(
            record, (RecordFlags)qos | flags, topicLength, payloadLength, expiry, publisher, sequence);
        MessageRecord.PatchPosition(record, position);
        Encoding.UTF8.GetBytes(topic, record.AsSpan(MessageRecord.HeaderSize));
        Encoding.UTF8.GetBytes(payload, record.AsSpan(MessageRecord.HeaderSize + topicLength));
        properties.CopyTo(record, MessageRecord.HeaderSize + topicLength + payloadLength);
        return record;
    }

    public static MessageBatch Batch(params byte[][] records) => new(records.SelectMany(record => record).ToArray(), records.Length);

    public static string TopicOf(in MessageRecord record) => Encoding.UTF8.GetString(record.Topic);

    public static string PayloadOf(in MessageRecord record) => Encoding.UTF8.GetString(record.Payload);
}
