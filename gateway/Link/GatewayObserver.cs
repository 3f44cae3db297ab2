using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>What silos in other processes call: the downlink, behind a check for batches that come twice.</summary>
internal sealed class GatewayObserver(Downlink downlink, HeldEnvelopes held) : IGatewayObserver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _lastOf = [];

    // Of QoS 1, too: a silo that was given up as lost may come late with what another has delivered since.
    private readonly RepeatFilter _repeats = new();

    public Task Deliver(Guid outlet, long sequence, MessageBatch batch)
    {
        lock (_gate)
        {
            if (_lastOf.TryGetValue(outlet, out var last) && sequence <= last)
                return Task.CompletedTask;
            _lastOf[outlet] = sequence;
        }

        var run = downlink.Begin();
        foreach (var record in batch)
        {
            if (record.IsReference)
                run = DeliverHeld(RecordReference.Read(record), run);
            else
                Add(record, run);
        }

        return run.Complete().AsTask();
    }

    /// <summary>
    /// What it refers to is what one publisher said in one read, and leaves before the next is looked at: what it is copied to is
    /// then still in the processor's caches when it is sent, and free again soon.
    /// </summary>
    private IDeliveryRun DeliverHeld(in RecordReference reference, IDeliveryRun run)
    {
        // A void one is of no harm: its lane has given the envelope up, or heard from another silo that all is delivered.
        if (!held.TryLend(reference, out var loan))
            return run;

        using (loan)
        {
            foreach (var record in loan.Records)
                Add(record, run);
        }

        _ = run.Complete().AsTask(); // it is done when it returns: the downlink only writes
        return downlink.Begin();
    }

    private void Add(in MessageRecord record, IDeliveryRun run)
    {
        // What counts as QoS 2 is looked at behind, together with what comes from this process.
        if (record.Has(RecordFlags.ExactlyOnce) || _repeats.IsNew(record))
            run.Add(record);
    }

    public Task<bool> Offer(string clientId, long epoch, MessageBatch batch) =>
        downlink.Offer(clientId, epoch, batch).AsTask();

    public Task<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer) =>
        downlink.OfferShared(clientId, epoch, offer).AsTask();

    public Task Disconnect(string clientId, long epoch, ReasonCode reason) =>
        downlink.Disconnect(clientId, epoch, reason).AsTask();

    public Task<GatewayReport> Report() => downlink.Desk.Report();

    public Task<ConnectionInfo[]> Connections(string prefix, string after, int limit) =>
        downlink.Desk.Connections(prefix, after, limit);

    public Task<ConnectionInfo?> Find(string clientId, long epoch) => downlink.Desk.Find(clientId, epoch);

    public Task<Subscription[]> SubscriptionsOf(string clientId, string after, int limit) =>
        downlink.Desk.SubscriptionsOf(clientId, after, limit);

    public Task<ClientSubscription[]> SubscribersOf(string filter, string after, int limit) =>
        downlink.Desk.SubscribersOf(filter, after, limit);

    public Task<bool> Subscribe(string clientId, long epoch, Subscription[] subscriptions, MessageBatch retained) =>
        downlink.Desk.Subscribe(clientId, epoch, subscriptions, retained);

    public Task<bool[]?> Unsubscribe(string clientId, long epoch, string[] filters) =>
        downlink.Desk.Unsubscribe(clientId, epoch, filters);
}
