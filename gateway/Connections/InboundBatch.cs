using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>An acknowledgement that is owed.</summary>
/// <param name="PacketId">The client's packet identifier.</param>
/// <param name="QoS">1: PUBACK. 2: PUBREC.</param>
/// <param name="Index">The message in the batch; -1 when there is none, as for an answer that is repeated.</param>
/// <param name="Reason">The verdict where there is no message.</param>
internal readonly record struct Answer(ushort PacketId, QoS QoS, int Index, ReasonCode Reason = ReasonCode.Success);

/// <summary>What came with one read of a socket: messages, and the answers owed for them.</summary>
internal sealed class InboundBatch
{
    public PublicationBatch Publications { get; } = new();

    public List<Answer> Answers { get; } = [];

    /// <summary>Packets of QoS 2 whose PUBREL came.</summary>
    public List<ushort> Releases { get; } = [];

    /// <summary>The last sequence that the connection had given when this was handed in.</summary>
    public ulong LastSequence { get; set; }

    /// <summary>The session must note the QoS 2 packets before they are routed.</summary>
    public bool NeedsReceipt { get; set; }

    /// <summary>Ends when the messages are safe.</summary>
    public Task Stored { get; set; } = Task.CompletedTask;

    /// <summary>
    /// Copies a message. What belongs to the connection, or shrinks with time, is not among its properties any more.
    /// </summary>
    /// <param name="packet">The message as it came, its topic alias resolved.</param>
    /// <param name="publisher">Who says it.</param>
    /// <param name="sequence">Its place among the publisher's messages; 0 for QoS 0.</param>
    /// <param name="time">Says when it expires.</param>
    public void Add(scoped in PublishPacket packet, ulong publisher, ulong sequence, TimeProvider time)
    {
        var flags = (RecordFlags)packet.QoS;
        if (packet.Retain)
            flags |= RecordFlags.Retain;
        if (packet.QoS is QoS.ExactlyOnce)
            flags |= RecordFlags.ExactlyOnce;

        var (properties, expiry) = packet.Properties.IsEmpty ? (0, 0u) : Measure(packet.Known, packet.Properties, time);
        var record = Publications.Records.Add(MessageRecord.Measure(packet.Topic.Length, packet.PayloadLength, properties));
        MessageRecord.WriteHeader(
            record, flags, packet.Topic.Length, packet.PayloadLength, expiry, publisher, sequence);
        var at = MessageRecord.HeaderSize;
        packet.Topic.CopyTo(record[at..]);
        at += packet.Topic.Length;
        packet.CopyPayloadTo(record[at..]);
        if (properties > 0)
            packet.Known.CopyLasting(packet.Properties, record[(at + packet.PayloadLength)..]);
        Publications.HasRetained |= packet.Retain;
    }

    /// <summary>The QoS 2 packets that an error ends: nobody will say PUBREL for them. [MQTT-4.3.3-9]</summary>
    public IEnumerable<ushort> Refused() => Answers
        .Where(answer => answer is { QoS: QoS.ExactlyOnce, Index: >= 0 } && Publications[answer.Index].IsError())
        .Select(answer => answer.PacketId);

    /// <summary>The sequences of the records that the answers are for.</summary>
    public ulong[] SequencesOf(List<Answer> answers)
    {
        var sequences = new ulong[answers.Count];
        var (index, next) = (0, 0);
        foreach (var record in Publications.Records)
        {
            if (next < sequences.Length && answers[next].Index == index++)
                sequences[next++] = record.Sequence;
        }

        return sequences;
    }

    /// <summary>Gives the records that the answers are for their sequences.</summary>
    public void PatchSequences(List<Answer> answers, ulong[] sequences)
    {
        var at = 0;
        var next = 0;
        for (var index = 0; index < Publications.Count && next < answers.Count; index++)
        {
            var record = Publications.Records.From(at);
            if (answers[next].Index == index)
                MessageRecord.PatchIdentity(record, new MessageRecord(record).Publisher, sequences[next++]);
            at += RecordEnumerator.LengthAt(record, 0);
        }
    }

    public void Clear()
    {
        Publications.Clear();
        Answers.Clear();
        Releases.Clear();
        NeedsReceipt = false;
        Stored = Task.CompletedTask;
    }

    private static (int Lasting, uint Expiry) Measure(
        in PublishProperties known, ReadOnlySpan<byte> properties, TimeProvider time) =>
        (known.MeasureLasting(properties),
            known.MessageExpiryInterval is { } interval ? MessageExpiry.From(interval, time.GetUtcNow()) : 0);
}
