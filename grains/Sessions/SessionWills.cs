using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>Last words: gives them an identity, and publishes them.</summary>
internal sealed class SessionWills(
    Router router, RouteReplica routes, TimeProvider time, BrokerMetrics metrics, ILogger<SessionWills> log)
{
    /// <summary>Sequences of wills must not meet those of the session's own messages: they have a publisher of their own.</summary>
    public const ulong Publisher = 0x8000_0000_0000_0000;

    /// <summary>The will as it is stored: whoever publishes it, and however often, it is the same message.</summary>
    public static Will Identified(Will will, ulong publisher, long epoch)
    {
        var block = new RecordBlock();
        foreach (var record in will.Message)
        {
            var copy = block.Add(record);
            MessageRecord.PatchIdentity(copy, publisher | Publisher, Sequences.FirstOf(epoch));
            MessageRecord.PatchFlags(copy, record.Flags | RecordFlags.ExactlyOnce); // whatever its QoS is: nobody dies twice
        }

        return will with { Message = MessageBatch.From(block) };
    }

    /// <summary>
    /// Publishes the will if there is one. It stays stored until it is published: after a crash in between it is published
    /// again under the same identity, which receivers tell from a second will.
    /// </summary>
    public async Task PublishAsync(StoredSession session, string clientId)
    {
        if (session.Will is not { } will)
            return;

        await session.Journal.ConfirmAsync(); // a silo that hung may have a session that went on, or ended, elsewhere
        var batch = new PublicationBatch { Source = new PublicationSource(clientId) { IsAwaited = false } };
        foreach (var record in will.Message)
        {
            // Its lifetime begins with its publication, whenever that is.
            var copy = batch.Records.Add(record);
            if (will.MessageExpiry is { } interval)
                MessageRecord.PatchExpiry(copy, MessageExpiry.From(interval, time.GetUtcNow()));
            batch.HasRetained |= record.Has(RecordFlags.Retain);
        }

        await routes.Filled; // a silo that has just joined does not know yet who wants it
        await router.Admit(batch);
        await router.Route(batch);
        session.Will = null;
        metrics.WillPublished();
        log.WillPublished(clientId, session.Epoch);
    }
}
