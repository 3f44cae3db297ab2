using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>The messages of one batch that are to wait: gathered while it is routed, then handed over slice by slice.</summary>
internal sealed class DelayedRun(DelayedMessages messages, PublicationBatch batch, DelayedOptions options, TimeProvider time)
{
    private readonly Dictionary<(int Slice, bool IsAcknowledged), Part> _parts = [];

    /// <summary>Copies the message, made ready for its topic; one with a name that makes no sense gets its verdict at once.</summary>
    public void Add(in MessageRecord record, int index)
    {
        if (!DelayedTopic.TryParse(record.Topic, out var seconds, out var target) || seconds > options.MaximumSeconds)
        {
            batch[index] = ReasonCode.TopicNameInvalid;
            return;
        }

        var place = (RouteSlices.Of(target), record.QoS is not QoS.AtMostOnce);
        if (!_parts.TryGetValue(place, out var part))
            _parts.Add(place, part = new Part(new RecordBlock(), []));
        part.Indexes.Add(index);

        // Due by the clock of whoever took it in, so that a call that is repeated changes nothing.
        var copy = part.Records.Add(record.Length - (record.TopicLength - target.Length));
        var expiry = record.Expiry == 0 ? 0 : Clock.Later(record.Expiry, seconds); // its life begins with its publication
        MessageRecord.WriteHeader(
            copy, record.Flags, target.Length, record.PayloadLength, expiry, record.Publisher, record.Sequence);
        MessageRecord.PatchPosition(copy, Clock.Milliseconds(time) + (seconds * 1_000L));
        target.CopyTo(copy[MessageRecord.HeaderSize..]);
        record.Bytes[(MessageRecord.HeaderSize + record.TopicLength)..].CopyTo(copy[(MessageRecord.HeaderSize + target.Length)..]);
    }

    /// <summary>Ends when all are stored.</summary>
    public Task KeepAsync() => Task.WhenAll(_parts.Select(part =>
        KeepAsync(part.Key.Slice, part.Key.IsAcknowledged, part.Value)));

    private async Task KeepAsync(int slice, bool isAcknowledged, Part part)
    {
        var records = MessageBatch.From(part.Records);
        part.Records.Release();
        if (!isAcknowledged)
        {
            await messages.KeepAtMostOnceAsync(slice, records);
            return;
        }

        var verdicts = await messages.KeepAsync(slice, records, batch.Source);
        for (var i = 0; i < verdicts?.Length; i++)
        {
            if (verdicts[i] is not ReasonCode.Success)
                batch[part.Indexes[i]] = verdicts[i];
        }
    }

    private readonly record struct Part(RecordBlock Records, List<int> Indexes);
}
