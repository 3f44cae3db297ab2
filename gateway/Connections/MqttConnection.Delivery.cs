using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Gateway.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Connections;

// What comes for the client.
internal sealed partial class MqttConnection
{
    private SharedFlow? _shared;
    private bool _isOwnFirst;
    private LoneSubscription? _lone;

    /// <summary>What shared subscriptions send; made when it is first asked for.</summary>
    public SharedFlow Shared => LazyInitializer.EnsureInitialized(ref _shared, () => new SharedFlow(Outbox, new ShareSettlements(
        _gateway.Grains, ClientId, Outbox, _gateway.Time, _gateway.Log, _transport.ConnectionClosed), _quota));

    /// <summary>
    /// What stands for each plain subscription that nobody else has: most clients have theirs in one way, so it is made once.
    /// </summary>
    public LoneSubscription LoneAt(QoS qos, byte retainHandling)
    {
        for (var lone = _lone; lone is not null; lone = lone.Next)
        {
            if (lone.QoS == qos && lone.RetainHandling == retainHandling)
                return lone;
        }

        return _lone = new LoneSubscription(this, qos, retainHandling, _lone);
    }

    /// <summary>A message as it passes. What the session's queue will bring is not wanted here.</summary>
    public Delivered DeliverLive(in MessageRecord record, in Subscriber subscriber)
    {
        if (subscriber.HasNoLocal && record.Publisher == _admission.Ticket.Publisher)
        {
            var hearing = _own.HearingOf(record.Topic, isOwn: true);
            return hearing.QoS is { } own
                ? DeliverLive(record, own, hearing.KeepsRetain, hearing.Identifiers)
                : Delivered.NotWanted;
        }

        return DeliverLive(record, subscriber.QoS, subscriber.KeepsRetain, subscriber.Identifiers);
    }

    /// <summary>
    /// A part of the session's stored queue, or messages for a client without one. False when they were not all taken.
    /// </summary>
    public bool DeliverQueued(MessageBatch batch) => _queued?.Deliver(batch) ?? _live!.Deliver(batch);

    private Delivered DeliverLive(in MessageRecord record, QoS granted, bool keepsRetain, ReadOnlySpan<int> identifiers)
    {
        if (IsPersistent && record.QoS is not QoS.AtMostOnce && granted is not QoS.AtMostOnce)
            return Delivered.NotWanted;

        var isRetain = record.Has(RecordFlags.Retain);
        if (isRetain)
            _subscriptions.NoteLive(record.Topic);

        var retain = keepsRetain && isRetain; // to an existing subscription else 0 [MQTT-3.3.1-12]
        var qos = record.QoS < granted ? record.QoS : granted;
        if (qos is not QoS.AtMostOnce)
            return _live!.TryPublish(record, qos, retain, identifiers) ? Delivered.Written : Delivered.Dropped;

        return Outbox.TryPublish(record, qos, 0, retain, dup: false, identifiers) switch
        {
            Posted.Taken => Delivered.Written,
            Posted.Discarded => Delivered.NotWanted,
            _ => Delivered.Dropped,
        };
    }

    // Each in turn is the first, so that none takes all of the quota for ever.
    private void SendWaiting()
    {
        _isOwnFirst = !_isOwnFirst;
        if (!_isOwnFirst)
            _shared?.SendWaiting();
        _live?.SendWaiting();
        _queued?.SendWaiting();
        if (_isOwnFirst)
            _shared?.SendWaiting();
    }
}
