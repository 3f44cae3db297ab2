using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What one connection is subscribed to, here and, for a persistent session, in its grain.</summary>
internal sealed class ConnectionSubscriptions(
    GatewayParts gateway, Admission admission, MqttConnection connection, ISessionHostGrain session,
    OwnSubscriptions own, OutboundFlow? live, QueuedFlow? queued)
{
    // The read loop changes it, and whoever subscribes for the client; others read it.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LocalSubscription> _byFilter = [];
    private readonly SubscriptionRules _rules = new(gateway, admission);
    private readonly RetainedDelivery _retained = new(gateway, admission.Ticket.Publisher, connection.Outbox, live);
    private bool _hasEnded;

    /// <summary>A session's queue brings even QoS 0: then nothing is to be heard live.</summary>
    private bool HearsLive => !(admission.Ticket.IsPersistent && admission.Ticket.QueuesQoS0);

    public int Count
    {
        get
        {
            lock (_gate)
                return _byFilter.Count;
        }
    }

    /// <summary>What is in force here now.</summary>
    public Subscription[] All
    {
        get
        {
            lock (_gate)
                return [.. _byFilter.Values.Select(known => known.Granted)];
        }
    }

    /// <summary>
    /// Takes up again what the session is subscribed to: the routes are in force when it returns, and what it gives is to be
    /// activated with the CONNACK, for nothing may come before that. [MQTT-3.2.0-1]
    /// </summary>
    public async Task<LocalSubscription[]> RestoreAsync(Subscription[] subscriptions)
    {
        foreach (var subscription in subscriptions)
            own.Set(subscription, subscriptions);
        if (!HearsLive)
            return [];

        var added = Array.ConvertAll(subscriptions, granted => new LocalSubscription(connection, granted));
        await gateway.Announcer.AddAsync(added);
        return added;
    }

    public void Activate(LocalSubscription[] added)
    {
        lock (_gate)
        {
            if (_hasEnded)
            {
                Withdraw(added);
                return;
            }

            foreach (var subscription in added)
            {
                Remove(subscription.Granted.Filter); // the same filter again replaces [MQTT3-3.8.4-3]
                _byFilter.Add(subscription.Granted.Filter, subscription);
                gateway.Subscribers.Add(subscription);
            }
        }
    }

    /// <summary>Announced for nobody: the connection has ended meanwhile.</summary>
    public void Withdraw(LocalSubscription[] added) => _ = gateway.Announcer.RemoveAsync(added);

    public async Task SubscribeAsync(SubscribePacket packet)
    {
        _rules.Judge(packet);
        var reasons = new ReasonCode[packet.Requests.Count];
        var granted = new Dictionary<string, Subscription>();
        for (var i = 0; i < reasons.Length; i++)
            reasons[i] = Grant(packet.Requests[i], (uint)packet.SubscriptionIdentifier, granted);

        var answer = Answer(packet.PacketId, reasons);
        connection.Outbox.DemandFit(answer);
        var subscriptions = granted.Values.ToArray();
        var before = All;
        var direct = await EstablishAsync(subscriptions);
        var added = HearsLive ? Array.ConvertAll(subscriptions, s => new LocalSubscription(connection, s)) : [];
        await gateway.Announcer.AddAsync(added);

        // Nothing that the subscription brings may come before the SUBACK: both happen at once.
        _retained.Watch();
        var isIn = connection.Outbox.Write(answer, then: () =>
        {
            foreach (var subscription in subscriptions)
                own.Set(subscription, before.Concat(subscriptions));
            Activate(added);
        });
        if (!isIn)
        {
            Withdraw(added);
            _retained.Send(MessageBatch.Empty);
            return;
        }

        queued?.Continue();
        connection.Outbox.Flush();

        if (live is null)
            _retained.Send(direct);
        else
            await _retained.ReadAndSendAsync(RetainedReads.Wanted(subscriptions, before));
    }

    /// <summary>
    /// Subscribes for the client, without a word to it. Of a persistent session this is the live half, and
    /// <paramref name="direct"/> are the retained messages that are not in its queue.
    /// </summary>
    public async Task SubscribeForAsync(Subscription[] subscriptions, MessageBatch direct)
    {
        var before = All;
        var added = HearsLive ? Array.ConvertAll(subscriptions, s => new LocalSubscription(connection, s)) : [];
        await gateway.Announcer.AddAsync(added);
        _retained.Watch();
        foreach (var subscription in subscriptions)
            own.Set(subscription, before.Concat(subscriptions));
        Activate(added);
        if (live is null)
            _retained.Send(direct);
        else
            await _retained.ReadAndSendAsync(RetainedReads.Wanted(subscriptions, before));
    }

    /// <summary>Ends subscriptions for the client; one answer a filter, whether it was in force here.</summary>
    public bool[] UnsubscribeFor(string[] filters)
    {
        foreach (var filter in filters)
            own.Remove(filter);
        return Array.ConvertAll(filters, Remove);
    }

    public async Task UnsubscribeAsync(UnsubscribePacket packet)
    {
        var filters = packet.Filters.ToArray();
        connection.Outbox.DemandFit(new UnsubAckPacket { PacketId = packet.PacketId, Reasons = new ReasonCode[filters.Length] });
        var known = Array.ConvertAll(filters, Has);
        if (admission.Ticket.IsPersistent)
        {
            known = await Patience.UntilDoneAsync(
                () => session.Unsubscribe(admission.Ticket.Epoch, filters), gateway.Time, gateway.Log, CancellationToken.None);
        }

        foreach (var filter in filters)
        {
            own.Remove(filter);
            Remove(filter);
        }

        // A filter that stands there twice was unsubscribed by the first. [MQTT-3.10.4-6]
        var seen = new HashSet<string>();
        var reasons = filters
            .Select((filter, at) => seen.Add(filter) && known[at] ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted)
            .ToArray();
        connection.Outbox.Write(new UnsubAckPacket { PacketId = packet.PacketId, Reasons = reasons });
        connection.Outbox.Flush();
    }

    public void RemoveAll()
    {
        lock (_gate)
        {
            _hasEnded = true;
            foreach (var subscription in _byFilter.Values)
                gateway.Subscribers.Remove(subscription);
            _ = gateway.Announcer.RemoveAsync(_byFilter.Values); // the routes go when they go; nobody waits
            _byFilter.Clear();
        }
    }

    public void NoteLive(ReadOnlySpan<byte> topic) => _retained.NoteLive(topic);

    private ReasonCode Grant(SubscriptionRequest request, uint identifier, Dictionary<string, Subscription> granted)
    {
        var refusal = _rules.Refuse(request, Count + granted.Count);
        if (refusal is not ReasonCode.Success)
            return refusal;

        var subscription = _rules.Grant(request, identifier);
        granted[request.Filter] = subscription;
        return (ReasonCode)subscription.QoS;
    }

    private bool Has(string filter)
    {
        lock (_gate)
            return _byFilter.ContainsKey(filter);
    }

    private SubAckPacket Answer(ushort packetId, ReasonCode[] reasons)
    {
        var plain = new SubAckPacket { PacketId = packetId, Reasons = reasons };
        var why = admission.Terms.WantsReasons
            ? Explanations.Of(Array.Find(reasons, reason => reason.IsError()))
            : null;
        if (why is null)
            return plain;

        var explained = new SubAckPacket { PacketId = packetId, Reasons = reasons, ReasonString = why };
        return connection.Outbox.Fits(explained) ? explained : plain; // [MQTT-3.9.2-2]
    }

    /// <summary>Persistent: in the session, with its retained messages. Gives those that go out with QoS 0.</summary>
    private Task<MessageBatch> EstablishAsync(Subscription[] subscriptions)
    {
        if (queued is null || subscriptions.Length == 0)
            return Task.FromResult(MessageBatch.Empty);

        queued.Hold();
        return Patience.UntilDoneAsync(
            () => session.Subscribe(admission.Ticket.Epoch, subscriptions), gateway.Time, gateway.Log, CancellationToken.None);
    }

    private bool Remove(string filter)
    {
        lock (_gate)
        {
            if (!_byFilter.Remove(filter, out var subscription))
                return false;

            gateway.Subscribers.Remove(subscription);
            _ = gateway.Announcer.RemoveAsync([subscription]);
            return true;
        }
    }
}
