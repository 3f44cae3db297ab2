using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What one connection is subscribed to, here and, for a persistent session, in its grain.</summary>
internal sealed partial class ConnectionSubscriptions(
    GatewayParts gateway, Admission admission, MqttConnection connection, OwnSubscriptions own, OutboundFlow? live,
    QueuedFlow? queued)
{
    // The read loop changes it, and whoever subscribes for the client; others read it.
    private readonly Lock _gate = new();

    // Made when there is something for them: an idle connection has neither.
    private HashSet<LocalSubscription>? _all;
    private RetainedDelivery? _retained;
    private bool _hasEnded;
    private int _sharedCount;
    private long _requests;

    /// <summary>A session's queue brings even QoS 0: then nothing is to be heard live.</summary>
    private bool HearsLive => !(admission.Ticket.IsPersistent && admission.Ticket.QueuesQoS0);

    private SubscriptionRules Rules => new(gateway, admission);

    private RetainedDelivery Retained => LazyInitializer.EnsureInitialized(
        ref _retained, () => new RetainedDelivery(gateway, admission.Ticket.Publisher, connection.Outbox, live));

    /// <summary>
    /// Takes up again what the session is subscribed to: the routes are in force when it returns, and what it gives is to be
    /// activated with the CONNACK, for nothing may come before that. [MQTT-3.2.0-1]
    /// </summary>
    public async Task<LocalSubscription[]> RestoreAsync(Subscription[] subscriptions)
    {
        foreach (var subscription in subscriptions)
        {
            if (SharedFilter.IsShared(subscription.Filter))
                connection.Shared.Subscribe(subscription);
            else
                own.Set(subscription, subscriptions);
        }

        var added = LocalOf(subscriptions);
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
                Remove(subscription.Filter); // the same filter again replaces [MQTT3-3.8.4-3]
                _all ??= new HashSet<LocalSubscription>(ByFilter.Instance);
                _all.MakeRoom();
                _all.Add(subscription);
                Enter(subscription);
            }
        }
    }

    /// <summary>Announced for nobody: the connection has ended meanwhile.</summary>
    public void Withdraw(LocalSubscription[] added) => _ = gateway.Announcer.RemoveAsync(added);

    public async Task SubscribeAsync(SubscribePacket packet)
    {
        Rules.Judge(packet);
        var reasons = new ReasonCode[packet.Requests.Count];
        var granted = new Dictionary<string, Subscription>();
        for (var i = 0; i < reasons.Length; i++)
            reasons[i] = Grant(packet.Requests[i], (uint)packet.SubscriptionIdentifier, granted);

        await ClaimAsync(packet, granted, reasons);
        var answer = Answer(packet.PacketId, reasons);
        connection.Outbox.DemandFit(answer);
        var subscriptions = granted.Values.ToArray();
        var before = All;
        var direct = await EstablishAsync(subscriptions);
        var added = LocalOf(subscriptions);
        await gateway.Announcer.AddAsync(added);

        // Nothing that the subscription brings may come before the SUBACK: both happen at once.
        Retained.Watch();
        var isIn = connection.Outbox.Write(answer, then: () =>
        {
            foreach (var subscription in subscriptions.Where(subscription => !SharedFilter.IsShared(subscription.Filter)))
                own.Set(subscription, before.Concat(subscriptions));
            Activate(added);
        });
        if (!isIn)
        {
            Withdraw(added);
            Retained.Send(MessageBatch.Empty);
            return;
        }

        queued?.Continue();
        if (Array.Exists(added, subscription => subscription.IsShared))
            connection.Shared.Continue();
        connection.Outbox.Flush();

        await SendKeptAsync(subscriptions, before, direct);
        await SubscriptionNotes.TellAsync(gateway, admission, connection, subscriptions, []);
    }

    public async Task UnsubscribeAsync(UnsubscribePacket packet)
    {
        var filters = packet.Filters.ToArray();
        connection.Outbox.DemandFit(new UnsubAckPacket { PacketId = packet.PacketId, Reasons = new ReasonCode[filters.Length] });
        var known = await ForgetAsync(filters);

        foreach (var filter in filters)
        {
            own.Remove(filter);
            if (SharedFilter.IsShared(filter))
                connection.Shared.Unsubscribe(filter);
            Remove(filter);
        }

        // A filter that stands there twice was unsubscribed by the first. [MQTT-3.10.4-6]
        var seen = new HashSet<string>();
        var reasons = filters
            .Select((filter, at) => seen.Add(filter) && known[at] ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted)
            .ToArray();
        connection.Outbox.Write(new UnsubAckPacket { PacketId = packet.PacketId, Reasons = reasons });
        connection.Outbox.Flush();
        var removed = filters.Where((_, index) => reasons[index] is ReasonCode.Success).ToArray();
        await SubscriptionNotes.TellAsync(gateway, admission, connection, [], removed);
    }

    public void RemoveAll()
    {
        lock (_gate)
        {
            _hasEnded = true;
            if (_all is null)
                return;

            foreach (var subscription in _all)
                Exit(subscription);
            _ = gateway.Announcer.RemoveAsync(_all); // the routes go when they go; nobody waits
            _all.Clear();
        }
    }

    public void NoteLive(ReadOnlySpan<byte> topic) => Volatile.Read(ref _retained)?.NoteLive(topic);

    private ReasonCode Grant(SubscriptionRequest request, uint identifier, Dictionary<string, Subscription> granted)
    {
        var shared = _sharedCount + granted.Keys.Count(SharedFilter.IsShared);
        var refusal = Rules.Refuse(request, Count + granted.Count, shared);
        if (refusal is not ReasonCode.Success)
            return refusal;

        var subscription = Rules.Grant(request, identifier);
        granted[request.Filter] = subscription;
        return (ReasonCode)subscription.QoS;
    }

    private bool Has(string filter)
    {
        lock (_gate)
            return _all?.GetAlternateLookup<string>().Contains(filter) is true;
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

        var request = ++_requests;
        return Patience.UntilDoneAsync(
            () => connection.Session.Subscribe(admission.Ticket.Epoch, request, kept), gateway.Time, gateway.Log, CancellationToken.None);
    }

    /// <summary>A session's queue may bring even QoS 0, but for what is shared that passes, as do the broker's figures.</summary>
    private LocalSubscription[] LocalOf(IEnumerable<Subscription> subscriptions) =>
        [.. subscriptions
            .Where(subscription => HearsLive || SharedFilter.IsShared(subscription.Filter) || SysTopic.Is(subscription.MatchedFilter))
            .Select(subscription => LocalSubscription.Of(connection, subscription))];

    private void Enter(LocalSubscription subscription)
    {
        if (!subscription.IsShared)
        {
            gateway.SysTopics.Count(subscription.Granted.MatchedFilter, +1);
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
            gateway.SysTopics.Count(subscription.Granted.MatchedFilter, -1);
            gateway.Subscribers.Remove(subscription);
            return;
        }

        _sharedCount--;
        gateway.Shares.Remove(subscription);
    }

    /// <summary>What one client alone may hold, its session asks for, whatever kind it is. What it is not given is refused.</summary>
    private async Task ClaimAsync(SubscribePacket packet, Dictionary<string, Subscription> granted, ReasonCode[] reasons)
    {
        var filters = granted.Keys.Where(ExclusiveFilter.IsExclusive).ToArray();
        if (filters.Length == 0)
            return;

        var answers = await Patience.UntilDoneAsync(
            () => connection.Session.Claim(admission.Ticket.Epoch, filters), gateway.Time, gateway.Log, CancellationToken.None);
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

    /// <summary>Tells the session, if it has any of them; says of each whether it was subscribed to.</summary>
    private async Task<bool[]> ForgetAsync(string[] filters)
    {
        var known = Array.ConvertAll(filters, Has);
        var told = admission.Ticket.IsPersistent
            ? filters
            : Array.FindAll(filters, filter => ExclusiveFilter.IsExclusive(filter) || SharedFilter.IsShared(filter));
        if (told.Length == 0)
            return known;

        var request = ++_requests;
        var answers = await Patience.UntilDoneAsync(
            () => connection.Session.Unsubscribe(admission.Ticket.Epoch, request, told), gateway.Time, gateway.Log, CancellationToken.None);
        return admission.Ticket.IsPersistent ? answers : known;
    }

    private bool Remove(string filter)
    {
        lock (_gate)
        {
            if (_all is null)
                return false;

            var all = _all.GetAlternateLookup<string>();
            if (!all.TryGetValue(filter, out var subscription))
                return false;

            all.Remove(filter);
            Exit(subscription);
            _ = gateway.Announcer.RemoveAsync([subscription]);
            return true;
        }
    }
}
