using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>The stored side of opening and closing: who is connected where, the will, and when the session ends.</summary>
internal sealed class SessionLeases(
    Router router, GatewayStore gateways, SessionIndex index, DueStore due, StoredSession.Loader loader,
    IOptions<SessionOptions> options, TimeProvider time, BrokerMetrics metrics, ILogger<SessionLeases> log)
{
    /// <summary>Sequences of wills must not meet those of the session's own messages: they have a publisher of their own.</summary>
    private const ulong WillPublisher = 0x8000_0000_0000_0000;

    private const uint Forever = uint.MaxValue;

    /// <summary>A name inside the cluster, without the bit that marks wills.</summary>
    public static ulong NewPublisher(string clientId) => PublisherNames.New(clientId) & ~WillPublisher;

    /// <summary>Returns when connection, will and expiry are stored and the gateway's lease covers the session.</summary>
    public async Task BeginAsync(StoredSession session, string clientId, LiveConnection live, SessionRequest request)
    {
        if (session.Publisher == 0)
            session.Publisher = NewPublisher(clientId);
        session.Expiry = ExpiryOf(request);
        session.Epoch = session.Shares.Epoch = live.Epoch;
        session.EndsAt = null;
        session.Will = request.Will is null ? null : Identified(request.Will, session.Publisher, live.Epoch);
        session.Connection = live.ToStored();

        var change = new SessionChanges();
        change.Set(SessionFields.Publisher, SessionFields.Number((long)session.Publisher));
        change.Set(SessionFields.Expiry, SessionFields.Number(session.Expiry));
        change.Set(SessionFields.Epoch, SessionFields.Number(live.Epoch));
        change.Set(SessionFields.Connection, loader.Serializer.SerializeToArray(session.Connection));
        if (session.Will is not null)
            change.Set(SessionFields.Will, loader.Serializer.SerializeToArray(session.Will));
        else
            change.Remove(SessionFields.Will);
        change.Remove(SessionFields.EndsAt);
        change.Remove(SessionFields.SentBelow);

        // The lease first: a session that the lease does not know would keep its will for ever after a crash.
        if (!await gateways.AddClient(live.GatewayId, clientId))
            throw new InvalidOperationException($"Gateway {live.GatewayId} has no lease.");
        await ListAsync(session, clientId); // and the index: one that it does not know would never be seen
        await session.Journal.CommitAsync(change);
    }

    /// <summary>Begins a session for a client that has not come yet.</summary>
    public async Task CreateAsync(StoredSession session, string clientId)
    {
        session.Publisher = NewPublisher(clientId);
        session.Expiry = ExpiryOf(new SessionRequest { GatewayId = "", Version = ProtocolVersion.V311, SessionExpiry = Forever });
        var change = new SessionChanges();
        change.Set(SessionFields.Publisher, SessionFields.Number((long)session.Publisher));
        change.Set(SessionFields.Expiry, SessionFields.Number(session.Expiry));
        if (session.Expiry < Forever)
            await SetEndAsync(session, clientId, change);

        await ListAsync(session, clientId);
        await session.Journal.CommitAsync(change);
    }

    /// <summary>
    /// Has a session stored that ends with its connection: someone must remember what is to be cleared up when the gateway
    /// dies.
    /// </summary>
    public async Task<StoredSession> KeepAsync(string clientId, LiveConnection live, Action<Exception> failed)
    {
        var session = await loader.LoadAsync(clientId, create: true, failed);
        await BeginAsync(session!, clientId, live, new SessionRequest { GatewayId = live.GatewayId });
        return session!;
    }

    public async Task EndAsync(StoredSession session, string clientId, LiveConnection live)
    {
        var change = new SessionChanges();
        await session.Shares.ConnectAsync(null, change); // first: were we stopped here, all of this is done again
        change.Remove(SessionFields.Connection);
        change.Remove(SessionFields.Will);
        change.Set(SessionFields.SentBelow, SessionFields.Number(session.Delivery.Queue.Next));
        if (session.Expiry < Forever)
            await SetEndAsync(session, clientId, change);

        await session.Journal.CommitAsync(change);
        session.Connection = null;
        session.Will = null;
        await gateways.RemoveClient(live.GatewayId, clientId);
    }

    public async Task ForgetAsync(StoredSession session, string clientId)
    {
        await session.Subscriptions.RemoveRoutesAsync();
        await session.Journal.DeleteAsync();
        if (session.IsListed || session.IsRestored)
            await index.Remove(clientId);
        if (session.Connection is { } connection)
            await gateways.RemoveClient(connection.GatewayId, clientId);
        if (session.EndsAt is not null)
            await due.Remove(RouteSlices.Of(clientId), DueMember(clientId));
    }

    /// <summary>
    /// Publishes the will if there is one. It stays stored until it is published: after a crash in between it is published
    /// again under the same identity, which receivers tell from a second will.
    /// </summary>
    public async Task PublishWillAsync(StoredSession session, string clientId)
    {
        if (session.Will is not { } will)
            return;

        var batch = new PublicationBatch { Source = new PublicationSource(clientId) { IsAwaited = false } };
        foreach (var record in will.Message)
        {
            var copy = batch.Records.Add(record);
            if (will.MessageExpiry is { } interval)
                MessageRecord.PatchExpiry(copy, MessageExpiry.From(interval, time.GetUtcNow()));
            batch.HasRetained |= record.Has(RecordFlags.Retain);
        }

        await router.Admit(batch);
        await router.Route(batch);
        session.Will = null;
        metrics.WillPublished();
        log.WillPublished(clientId);
    }

    /// <summary>Takes a client that has no session out of the index, where a crash may have left it.</summary>
    public Task UnlistAsync(string clientId) => index.Remove(clientId);

    public static byte[] DueMember(string clientId) => Encoding.UTF8.GetBytes(clientId);

    private async Task ListAsync(StoredSession session, string clientId)
    {
        if (session.Expiry == 0 || session.IsListed)
            return;

        await index.Add(clientId);
        session.IsListed = true;
    }

    private async Task SetEndAsync(StoredSession session, string clientId, SessionChanges change)
    {
        session.EndsAt = Clock.Milliseconds(time) + (session.Expiry * 1000L);
        change.Set(SessionFields.EndsAt, SessionFields.Number(session.EndsAt.Value));
        await due.Set(RouteSlices.Of(clientId), DueMember(clientId), DateTimeOffset.FromUnixTimeMilliseconds(session.EndsAt.Value));
    }

    private uint ExpiryOf(SessionRequest request)
    {
        var limit = options.Value.ExpiryBefore5;
        return request is { Version: < ProtocolVersion.V5, SessionExpiry: Forever } && limit > TimeSpan.Zero
            ? (uint)limit.TotalSeconds
            : request.SessionExpiry;
    }

    private static Will Identified(Will will, ulong publisher, long epoch)
    {
        var block = new RecordBlock();
        foreach (var record in will.Message)
        {
            var copy = block.Add(record);
            MessageRecord.PatchIdentity(copy, publisher | WillPublisher, Sequences.FirstOf(epoch));
        }

        return will with { Message = MessageBatch.From(block) };
    }
}
