using System.Text;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>Messages as gateways hand them in.</summary>
internal static class Messages
{
    public static byte[] Record(string topic, string payload, QoS qos, ulong publisher = 0, ulong sequence = 0)
    {
        var record = new byte[MessageRecord.Measure(topic.Length, payload.Length, 0)];
        var flags = (RecordFlags)qos | (qos is QoS.ExactlyOnce ? RecordFlags.ExactlyOnce : RecordFlags.None);
        MessageRecord.WriteHeader(record, flags, topic.Length, payload.Length, expiry: 0, publisher, sequence);
        Encoding.UTF8.GetBytes(topic + payload, record.AsSpan(MessageRecord.HeaderSize));
        return record;
    }

    public static Will WillOf(string topic, string payload) =>
        new() { Message = new MessageBatch(Record(topic, payload, QoS.AtLeastOnce), 1) };

    /// <summary>One segment.</summary>
    public static PublicationEnvelope Envelope(long sequence, params byte[][] records) => new()
    {
        Records = new MessageBatch(records.SelectMany(record => record).ToArray(), records.Length),
        ClientIds = ["publisher"],
        Lengths = [records.Sum(record => record.Length)],
        Counts = [records.Length],
        Sequence = sequence,
        IsAcknowledged = new MessageRecord(records[0]).QoS is not QoS.AtMostOnce,
    };
}
