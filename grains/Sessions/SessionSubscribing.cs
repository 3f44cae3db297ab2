using System.Text;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>A persistent session subscribes: routes first, then the retained messages that match.</summary>
internal sealed class SessionSubscribing(IGrainFactory grains)
{
    /// <summary>Gives the retained messages that go out with QoS 0; the others are in the queue.</summary>
    public async Task<MessageBatch> SubscribeAsync(StoredSession session, Subscription[] subscriptions)
    {
        var wanted = RetainedReads.Wanted(subscriptions, session.Subscriptions.All);

        // From here on a live message of a topic makes what is read of it old news.
        session.Delivery.LiveRetained = wanted.Length > 0 ? [] : null;
        try
        {
            await session.Subscriptions.SetAsync(subscriptions);
            if (wanted.Length == 0)
                return MessageBatch.Empty;

            var retained = await grains.ReadRetained(wanted);
            var (queued, direct) = Split(retained, wanted, session);
            if (queued.Count > 0)
                await session.Delivery.EnqueueAsync(queued);
            return direct;
        }
        finally
        {
            session.Delivery.LiveRetained = null;
        }
    }

    private static (MessageBatch Queued, MessageBatch Direct) Split(
        MessageBatch retained, Subscription[] wanted, StoredSession session)
    {
        var queued = new RecordBlock();
        var direct = new RecordBlock();
        foreach (var record in retained)
        {
            var match = RetainedReads.MatchOf(record, wanted, session.Publisher);
            if (match.QoS is not { } qos || session.Delivery.LiveRetained!.Contains(Encoding.UTF8.GetString(record.Topic)))
                continue;

            var copy = (qos is QoS.AtMostOnce ? direct : queued).Add(record, match.Identifiers);
            MessageRecord.PatchFlags(copy, MessageRecord.WithQoS(record.Flags, qos) | RecordFlags.Retained);
            MessageRecord.PatchIdentity(copy, record.Publisher, 0); // a retained message may come again and again
        }

        return (MessageBatch.From(queued), MessageBatch.From(direct));
    }
}
