using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>The stored side of opening and closing: who is connected where, the will, and when the session ends.</summary>
internal sealed class SessionLeases(
    SessionStore store, GatewayStore gateways, SessionIndex index, SessionTimers timers, SessionWills wills,
    StoredSession.Loader loader, IOptions<SessionOptions> options, TimeProvider time)
{
    private const uint Forever = uint.MaxValue;

    /// <summary>A name inside the cluster, without the bit that marks wills.</summary>
    public static ulong NewPublisher(string clientId) => PublisherNames.New(clientId) & ~SessionWills.Publisher;

    /// <summary>Seconds that the session is to outlive the connection.</summary>
    public uint ExpiryOf(SessionRequest request)
    {
        var limit = options.Value.ExpiryBefore5;
        return request is { Version: < ProtocolVersion.V5, SessionExpiry: Forever } && limit > TimeSpan.Zero
            ? (uint)limit.TotalSeconds
            : request.SessionExpiry;
    }

    /// <summary>Returns when connection, will and expiry are stored and the gateway's lease covers the session.</summary>
    public async Task BeginAsync(StoredSession session, string clientId, LiveConnection live, uint expiry, Will? will)
    {
        if (session.Publisher == 0)
            session.Publisher = NewPublisher(clientId);
        session.Expiry = expiry;
        session.Epoch = session.Shares.Epoch = live.Epoch;
        session.EndsAt = null;
        session.WillAt = null;
        session.Subscriptions.LastRequest = 0;
        session.Will = will is null ? null : SessionWills.Identified(will, session.Publisher, live.Epoch);
        session.Connection = live.ToStored();
        var mark = session.Delivery.Queue.FirstMark(live.Window);

        var change = new SessionChanges();
        change.Set(SessionFields.Publisher, SessionFields.Number((long)session.Publisher));
        change.Set(SessionFields.Expiry, SessionFields.Number(session.Expiry));
        change.Set(SessionFields.Epoch, SessionFields.Number(live.Epoch));
        change.Set(SessionFields.Connection, loader.Serializer.SerializeToArray(session.Connection));
        change.Set(SessionFields.SentBelow, SessionFields.Number(mark));
        change.Remove(SessionFields.EndsAt);
        change.Remove(SessionFields.WillAt);
        change.Remove(SessionFields.LastRequest);
        SetWill(change, session.Will);

        // The lease first: a session that the lease does not know would keep its will for ever after a crash.
        if (!await gateways.AddClient(live.GatewayId, clientId))
            throw new InvalidOperationException($"Gateway {live.GatewayId} has no lease.");
        await ListAsync(session, clientId); // and the index: one that it does not know would never be seen
        await session.Journal.CommitAsync(change);
        session.Delivery.Queue.Marked(mark);
    }

    /// <summary>Begins a session for a client that has not come yet: it expires as that of an MQTT 3 client does.</summary>
    public async Task CreateAsync(StoredSession session, string clientId)
    {
        session.Publisher = NewPublisher(clientId);
        session.Expiry = ExpiryOf(new SessionRequest { GatewayId = "", Version = ProtocolVersion.V311, SessionExpiry = Forever });
        session.EndsAt = EndOf(session, Clock.Milliseconds(time));
        await timers.SetAsync(clientId, session.NextDue);
        await ListAsync(session, clientId);

        var change = new SessionChanges();
        change.Set(SessionFields.Publisher, SessionFields.Number((long)session.Publisher));
        SetEnd(change, session);
        await session.Journal.CommitAsync(change);
    }

    /// <summary>
    /// The connection is over. False when the session is over with it; then it is to be forgotten, and what is left of its
    /// will published.
    /// </summary>
    public async Task<bool> EndAsync(StoredSession session, string clientId, LiveConnection live, Ending ending)
    {
        // A session that was to end with its connection is not kept by a DISCONNECT, section 3.14.2.2.2.
        if (session.Expiry > 0 && ending.SessionExpiry is { } changed)
            session.Expiry = changed;
        if (ending.Reason is CloseReason.Disconnected)
            session.Will = null; // [MQTT-3.14.4-3]
        if (session.Expiry == 0)
            return false;

        var change = new SessionChanges();
        await session.Shares.ConnectAsync(null, change); // first: were we stopped here, all of this is done again
        var now = Clock.Milliseconds(time);
        var since = Math.Min(now, Math.Max(ending.Since ?? now, live.Epoch / 1_000));
        await DecideWillAsync(session, clientId, since, ending.GoesOn);
        session.EndsAt = EndOf(session, since);
        await timers.SetAsync(clientId, session.NextDue);
        SetEnd(change, session);
        await session.Journal.CommitAsync(change);
        session.Connection = null;
        session.Delivery.Queue.Marked(session.Delivery.Queue.SentBelow);
        await gateways.RemoveClient(live.GatewayId, clientId);
        return true;
    }

    /// <summary>The client has stayed away for as long as its will was to wait.</summary>
    public async Task PublishWillAsync(StoredSession session, string clientId)
    {
        await wills.PublishAsync(session, clientId);
        session.WillAt = null;
        var change = new SessionChanges();
        change.Remove(SessionFields.Will);
        change.Remove(SessionFields.WillAt);
        await session.Journal.CommitAsync(change);
    }

    /// <summary>Ends the session, and with it the wait of its will. [MQTT-3.1.2-8]</summary>
    public async Task ForgetAsync(StoredSession session, string clientId)
    {
        await wills.PublishAsync(session, clientId);
        if (session.Subscriptions.All.Length > 0)
            await session.Journal.ConfirmAsync(); // the routes may be those of a later session, if this is not ours any more
        await session.Subscriptions.RemoveRoutesAsync();
        await session.Exclusives.ReleaseAllAsync();
        var hasTimer = session.NextDue is not null;
        await session.Journal.DeleteAsync(session.Epoch);
        if (session.IsListed || session.IsRestored)
            await index.Remove(clientId);
        if (session.Connection is { } connection)
            await gateways.RemoveClient(connection.GatewayId, clientId);
        if (hasTimer)
            await timers.RemoveAsync(clientId);
    }

    /// <summary>Has stored that an epoch was given up before it began.</summary>
    public Task GiveUpAsync(StoredSession? session, string clientId, long epoch)
    {
        if (session is null)
            return store.NoteEnd(clientId, epoch);

        session.Epoch = epoch;
        var change = new SessionChanges();
        change.Set(SessionFields.Epoch, SessionFields.Number(epoch));
        return session.Journal.CommitAsync(change);
    }

    /// <summary>Now, later, or not at all, section 3.1.3.2.2 of MQTT 5.</summary>
    private async Task DecideWillAsync(StoredSession session, string clientId, long since, bool goesOn)
    {
        if (session.Will is not { } will)
            return;

        if (will.Delay == 0)
            await wills.PublishAsync(session, clientId);
        else if (goesOn)
            session.Will = null; // the client is back before its time: nobody is to hear of it [MQTT-3.1.3-9]
        else
            session.WillAt = since + (will.Delay * 1_000L);
    }

    /// <summary>Takes a client that has no session out of the index, where a crash may have left it.</summary>
    public Task UnlistAsync(string clientId) => index.Remove(clientId);

    private async Task ListAsync(StoredSession session, string clientId)
    {
        if (session.Expiry == 0 || session.IsListed)
            return;

        await index.Add(clientId);
        session.IsListed = true;
    }

    private static long? EndOf(StoredSession session, long since) =>
        session.Expiry < Forever ? since + (session.Expiry * 1_000L) : null;

    private void SetEnd(SessionChanges change, StoredSession session)
    {
        change.Remove(SessionFields.Connection);
        SetWill(change, session.Will);
        change.Set(SessionFields.Expiry, SessionFields.Number(session.Expiry));
        change.Set(SessionFields.SentBelow, SessionFields.Number(session.Delivery.Queue.SentBelow));
        if (session.WillAt is { } willAt)
            change.Set(SessionFields.WillAt, SessionFields.Number(willAt));
        if (session.EndsAt is { } endsAt)
            change.Set(SessionFields.EndsAt, SessionFields.Number(endsAt));
    }

    private void SetWill(SessionChanges change, Will? will)
    {
        if (will is not null)
            change.Set(SessionFields.Will, loader.Serializer.SerializeToArray(will));
        else
            change.Remove(SessionFields.Will);
    }
}
