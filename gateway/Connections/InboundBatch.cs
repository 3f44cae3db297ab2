using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>An acknowledgement that is owed.</summary>
/// <param name="PacketId">The client's packet identifier.</param>
/// <param name="QoS">1: PUBACK. 2: PUBREC.</param>
/// <param name="Index">The message in the batch; -1 when only the answer is repeated.</param>
internal readonly record struct Answer(ushort PacketId, QoS QoS, int Index);

/// <summary>What came with one read of a socket: messages, and the answers owed for them.</summary>
internal sealed class InboundBatch
{
    public PublicationBatch Publications { get; } = new();

    public List<Answer> Answers { get; } = [];

    /// <summary>Packets of QoS 2 whose PUBREL came.</summary>
    public List<ushort> Releases { get; } = [];

    /// <summary>The session must note the QoS 2 packets before they are routed.</summary>
    public bool NeedsReceipt { get; set; }

    /// <summary>Ends when the messages are safe.</summary>
    public Task Stored { get; set; } = Task.CompletedTask;

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
}
