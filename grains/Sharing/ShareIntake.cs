using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>What a share takes into its queue: each message once, and no more than may wait.</summary>
internal sealed class ShareIntake(ShareQueue queue, SeenPublishers seen, SessionOptions options, BrokerMetrics metrics)
{
    /// <summary>Appends what is new. Null when all were taken or had been before, else one verdict a record.</summary>
    public ReasonCode[]? Accept(MessageBatch batch, SessionChanges change) => Verdicts.Of(
        batch, bytes => TryAccept(bytes, change) ? ReasonCode.Success : ReasonCode.QuotaExceeded);

    private bool TryAccept(Memory<byte> bytes, SessionChanges change)
    {
        var record = new MessageRecord(bytes.Span);
        if (!seen.IsNew(record))
            return true;

        if (queue.Count >= options.MaximumQueuedMessages)
        {
            metrics.QueueFull();
            if (options.WhenFull is not QueuePolicy.DropOldest || !queue.TryPeek(out _))
                return false;
            queue.Drop(change);
            queue.Trim(change);
        }

        MessageRecord.PatchPosition(bytes.Span, queue.Tail);
        queue.Append(bytes);
        change.Append(bytes);
        Remember(record, change);
        return true;
    }

    private void Remember(in MessageRecord record, SessionChanges change)
    {
        var forgotten = seen.Take(record);
        if (forgotten != 0)
            change.Remove(SessionFields.Seen(forgotten));

        // Only QoS 2 must still be known when the record itself has left the queue.
        if (record.QoS is QoS.ExactlyOnce && record.Sequence != 0)
            change.Set(SessionFields.Seen(record.Publisher), SessionFields.Number((long)record.Sequence));
    }
}
