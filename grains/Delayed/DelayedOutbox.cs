using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>
/// Messages on their way out. That they are, and under which sequences, is stored before the first leaves: whoever publishes
/// them after a crash, and however often, publishes the same messages.
/// </summary>
/// <param name="FirstSequence">Sequence of the first; the others follow it.</param>
/// <param name="Entries">Those of QoS 1 and 2.</param>
/// <param name="Records">Their records.</param>
/// <param name="AtMostOnce">Those of QoS 0. They have left the store, so they are published once or not at all.</param>
internal sealed record DelayedOutbox(
    ulong FirstSequence, IReadOnlyList<DelayedEntry> Entries, IReadOnlyList<byte[]> Records, IReadOnlyList<byte[]> AtMostOnce)
{
    public ulong NextSequence => FirstSequence + (ulong)Entries.Count;

    /// <summary>What goes to the router: messages of a publisher of the broker's own.</summary>
    public PublicationBatch ToBatch(ulong publisher)
    {
        var batch = NewBatch(Records);
        var sequence = FirstSequence;
        for (var at = 0; at < batch.Records.Length;)
        {
            var record = batch.Records.From(at);
            MessageRecord.PatchIdentity(record, publisher, sequence++);
            at += RecordEnumerator.LengthAt(record, 0);
        }

        return batch;
    }

    public PublicationBatch ToBatchAtMostOnce() => NewBatch(AtMostOnce);

    private static PublicationBatch NewBatch(IReadOnlyList<byte[]> records)
    {
        // Its own source: were a message refused, no other batch should suffer.
        var batch = new PublicationBatch { Source = new PublicationSource("") };
        foreach (var bytes in records)
        {
            var record = new MessageRecord(bytes);
            MessageRecord.PatchPosition(batch.Records.Add(record), 0);
            batch.HasRetained |= record.Has(RecordFlags.Retain);
        }

        return batch;
    }
}
