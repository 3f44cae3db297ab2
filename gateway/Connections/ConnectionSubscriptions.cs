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
    private const string SharedPrefix = "$share/";

    private readonly Dictionary<string, LocalSubscription> _byFilter = [];
    private readonly RetainedDelivery _retained = new(gateway, connection.Outbox, live);

    /// <summary>A session's queue brings even QoS 0: then nothing is to be heard live.</summary>
    private bool HearsLive => !(admission.Ticket.IsPersistent && admission.Ticket.QueuesQoS0);

    /// <summary>Takes up again what the session is subscribed to; the routes are in force when it returns.</summary>
    public async Task RestoreAsync(Subscription[] subscriptions)
    {
        if (!HearsLive)
            return;

        var added = Array.ConvertAll(subscriptions, granted => new LocalSubscription(connection, granted));
        await gateway.Announcer.AddAsync(added);
        Activate(added);
    }

    public async Task SubscribeAsync(SubscribePacket packet)
    {
        var reasons = new ReasonCode[packet.Requests.Count];
        var granted = new Dictionary<string, Subscription>();
        for (var i = 0; i < reasons.Length; i++)
            reasons[i] = Grant(packet.Requests[i], (uint)packet.SubscriptionIdentifier, granted);

        await ClaimAsync(packet, granted, reasons);
        var subscriptions = granted.Values.ToArray();
        var before = _byFilter.Values.Select(known => known.Granted).ToArray();
        var direct = await EstablishAsync(subscriptions);
        var added = HearsLive ? Array.ConvertAll(subscriptions, s => new LocalSubscription(connection, s)) : [];
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
        connection.Outbox.Flush();

        if (live is null)
            _retained.Send(direct);
        else
            await _retained.ReadAndSendAsync(RetainedReads.Wanted(subscriptions, before));
    }

    public async Task UnsubscribeAsync(UnsubscribePacket packet)
    {
        var filters = packet.Filters.ToArray();
        var told = admission.Ticket.IsPersistent ? filters : Array.FindAll(filters, ExclusiveFilter.IsExclusive);
        if (told.Length > 0)
        {
            await Patience.UntilDoneAsync(
                () => session.Unsubscribe(admission.Ticket.Epoch, told), gateway.Time, gateway.Log, CancellationToken.None);
        }

        var reasons = new ReasonCode[filters.Length];
        for (var i = 0; i < filters.Length; i++)
            reasons[i] = Remove(filters[i]) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted;

        connection.Outbox.Write(new UnsubAckPacket { PacketId = packet.PacketId, Reasons = reasons });
        connection.Outbox.Flush();
    }

    public void RemoveAll()
    {
        foreach (var subscription in _byFilter.Values)
            gateway.Subscribers.Remove(subscription);
        _ = gateway.Announcer.RemoveAsync(_byFilter.Values); // the routes go when they go; nobody waits
        _byFilter.Clear();
    }

    public void NoteLive(ReadOnlySpan<byte> topic) => _retained.NoteLive(topic);

    private ReasonCode Grant(SubscriptionRequest request, uint identifier, Dictionary<string, Subscription> granted)
    {
        // Shared subscriptions are not there yet; taken literally they would silently bring nothing.
        if (request.Filter.StartsWith(SharedPrefix, StringComparison.Ordinal)
            || !gateway.Authorizer.MaySubscribe(admission.Client, ExclusiveFilter.Matched(request.Filter), request.QoS)
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

    /// <summary>What one client alone may hold, its session asks for, whatever kind it is. What it is not given is refused.</summary>
    private async Task ClaimAsync(SubscribePacket packet, Dictionary<string, Subscription> granted, ReasonCode[] reasons)
    {
        var filters = granted.Keys.Where(ExclusiveFilter.IsExclusive).ToArray();
        if (filters.Length == 0)
            return;

        var answers = await Patience.UntilDoneAsync(
            () => session.Claim(admission.Ticket.Epoch, filters), gateway.Time, gateway.Log, CancellationToken.None);
        foreach (var (filter, answer) in filters.Zip(answers).Where(claim => claim.Second.IsError()))
        {
            granted.Remove(filter);
            for (var i = 0; i < reasons.Length; i++)
            {
                if (packet.Requests[i].Filter == filter)
                    reasons[i] = answer;
            }
        }
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

    private void Activate(LocalSubscription[] added)
    {
        foreach (var subscription in added)
        {
            Remove(subscription.Granted.Filter); // the same filter again replaces [MQTT3-3.8.4-3]
            _byFilter.Add(subscription.Granted.Filter, subscription);
            gateway.Subscribers.Add(subscription);
        }
    }

    private bool Remove(string filter)
    {
        if (!_byFilter.Remove(filter, out var subscription))
            return false;

        gateway.Subscribers.Remove(subscription);
        _ = gateway.Announcer.RemoveAsync([subscription]);
        return true;
    }
}
