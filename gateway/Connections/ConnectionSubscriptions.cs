using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What one connection is subscribed to, here and, for a persistent session, in its grain.</summary>
internal sealed class ConnectionSubscriptions(
    GatewayParts gateway, Admission admission, MqttConnection connection, ISessionHostGrain session,
    OutboundFlow? live, QueuedFlow? queued)
{
    private readonly Dictionary<string, LocalSubscription> _byFilter = [];
    private int _sharedCount;
    private readonly RetainedDelivery _retained = new(gateway, connection.Outbox, live);

    /// <summary>A session's queue brings even QoS 0: then nothing is to be heard live.</summary>
    private bool HearsLive => !(admission.Ticket.IsPersistent && admission.Ticket.QueuesQoS0);

    /// <summary>Takes up again what the session is subscribed to; the routes are in force when it returns.</summary>
    public async Task RestoreAsync(Subscription[] subscriptions)
    {
        var added = LocalOf(subscriptions);
        foreach (var subscription in added.Where(subscription => subscription.IsShared))
            connection.Shared.Subscribe(subscription.Granted);
        await gateway.Announcer.AddAsync(added);
        Activate(added);
    }

    public async Task SubscribeAsync(SubscribePacket packet)
    {
        var reasons = new ReasonCode[packet.Requests.Count];
        var granted = new Dictionary<string, Subscription>();
        for (var i = 0; i < reasons.Length; i++)
            reasons[i] = Grant(packet.Requests[i], (uint)packet.SubscriptionIdentifier, granted);

        var subscriptions = granted.Values.ToArray();
        var before = _byFilter.Values.Select(known => known.Granted).ToArray();
        var direct = await EstablishAsync(subscriptions);
        var added = LocalOf(subscriptions);
        await gateway.Announcer.AddAsync(added);

        // Nothing that the subscription brings may come before the SUBACK: both happen at once.
        _retained.Watch();
        var isIn = connection.Outbox.Write(
            new SubAckPacket { PacketId = packet.PacketId, Reasons = reasons }, then: () => Activate(added));
        if (!isIn)
        {
            _ = gateway.Announcer.RemoveAsync(added); // announced for nobody: the connection has ended meanwhile
            _retained.Send(MessageBatch.Empty);
            return;
        }

        queued?.Continue();
        if (Array.Exists(added, subscription => subscription.IsShared))
            connection.Shared.Continue();
        connection.Outbox.Flush();

        if (live is null)
            _retained.Send(direct);
        else
            await _retained.ReadAndSendAsync(RetainedReads.Wanted(subscriptions, before));
    }

    public async Task UnsubscribeAsync(UnsubscribePacket packet)
    {
        var filters = packet.Filters.ToArray();
        var kept = admission.Ticket.IsPersistent ? filters : Array.FindAll(filters, SharedFilter.IsShared);
        if (kept.Length > 0)
        {
            await Patience.UntilDoneAsync(
                () => session.Unsubscribe(admission.Ticket.Epoch, kept), gateway.Time, gateway.Log, CancellationToken.None);
        }

        var reasons = new ReasonCode[filters.Length];
        for (var i = 0; i < filters.Length; i++)
        {
            if (SharedFilter.IsShared(filters[i]))
                connection.Shared.Unsubscribe(filters[i]);
            reasons[i] = Remove(filters[i]) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted;
        }

        connection.Outbox.Write(new UnsubAckPacket { PacketId = packet.PacketId, Reasons = reasons });
        connection.Outbox.Flush();
    }

    public void RemoveAll()
    {
        foreach (var subscription in _byFilter.Values)
            Exit(subscription);
        _ = gateway.Announcer.RemoveAsync(_byFilter.Values); // the routes go when they go; nobody waits
        _byFilter.Clear();
    }

    public void NoteLive(ReadOnlySpan<byte> topic) => _retained.NoteLive(topic);

    private ReasonCode Grant(SubscriptionRequest request, uint identifier, Dictionary<string, Subscription> granted)
    {
        var wanted = request.Filter;
        if (SharedFilter.IsShared(wanted))
        {
            // What is shared is asked for by what is in it. MQTT 5 forbids a malformed one, older versions do not know it.
            if (!SharedFilter.TryParse(wanted, out _, out wanted))
                return ReasonCode.TopicFilterInvalid;
            if (_sharedCount + granted.Keys.Count(SharedFilter.IsShared) >= PacketIdentifiers.Shares)
                return ReasonCode.QuotaExceeded;
        }

        if (!gateway.Authorizer.MaySubscribe(admission.Client, wanted, request.QoS)
            || _byFilter.Count + granted.Count >= gateway.Options.MaximumSubscriptions)
        {
            return ReasonCode.UnspecifiedError;
        }

        granted[request.Filter] = new Subscription
        {
            Filter = request.Filter,
            QoS = request.QoS,
            NoLocal = request.NoLocal,
            RetainAsPublished = request.RetainAsPublished,
            RetainHandling = (byte)request.RetainHandling,
            Identifier = identifier,
        };
        return (ReasonCode)request.QoS;
    }

    /// <summary>
    /// In the session what it keeps, with the retained messages of a persistent one. Gives those that go out with QoS 0.
    /// </summary>
    private Task<MessageBatch> EstablishAsync(Subscription[] subscriptions)
    {
        var shared = Array.FindAll(subscriptions, subscription => SharedFilter.IsShared(subscription.Filter));
        var kept = queued is null ? shared : subscriptions;
        if (kept.Length == 0)
            return Task.FromResult(MessageBatch.Empty);

        queued?.Hold();
        foreach (var subscription in shared)
        {
            connection.Shared.Subscribe(subscription);
            connection.Shared.Hold();
        }

        return Patience.UntilDoneAsync(
            () => session.Subscribe(admission.Ticket.Epoch, kept), gateway.Time, gateway.Log, CancellationToken.None);
    }

    /// <summary>A session's queue may bring even QoS 0, but for what is shared that passes.</summary>
    private LocalSubscription[] LocalOf(IEnumerable<Subscription> subscriptions) =>
        [.. subscriptions
            .Where(subscription => HearsLive || SharedFilter.IsShared(subscription.Filter))
            .Select(subscription => new LocalSubscription(connection, subscription))];

    private void Activate(LocalSubscription[] added)
    {
        foreach (var subscription in added)
        {
            Remove(subscription.Granted.Filter); // the same filter again replaces [MQTT3-3.8.4-3]
            _byFilter.Add(subscription.Granted.Filter, subscription);
            Enter(subscription);
        }
    }

    private void Enter(LocalSubscription subscription)
    {
        if (!subscription.IsShared)
        {
            gateway.Subscribers.Add(subscription);
            return;
        }

        _sharedCount++;
        gateway.Shares.Add(subscription);
    }

    private void Exit(LocalSubscription subscription)
    {
        if (!subscription.IsShared)
        {
            gateway.Subscribers.Remove(subscription);
            return;
        }

        _sharedCount--;
        gateway.Shares.Remove(subscription);
    }

    private bool Remove(string filter)
    {
        if (!_byFilter.Remove(filter, out var subscription))
            return false;

        Exit(subscription);
        _ = gateway.Announcer.RemoveAsync([subscription]);
        return true;
    }
}
