using System.Diagnostics.Metrics;

namespace Orleans.Mqtt.Grains;

/// <summary>What a silo counts. Callers say what happened.</summary>
internal sealed class BrokerMetrics
{
    public const string MeterName = "Orleans.Mqtt.Broker";

    private readonly Counter<long> _retries;
    private readonly Counter<long> _offerRetries;
    private readonly Counter<long> _wills;
    private readonly Counter<long> _takenBack;
    private readonly Counter<long> _discardedWithMember;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _sessionsExpired;
    private readonly Counter<long> _delayed;
    private long _routed;
    private long _queueFull;
    private long _slowGateway;
    private readonly int[] _retained = new int[Mqtt.Routing.RouteSlices.Count];

    public BrokerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableCounter(
            "mqtt.broker.messages.routed", () => RoutedTotal, "{message}", "Messages taken in and routed.");
        meter.CreateObservableCounter(
            "mqtt.broker.queue.full", () => QueueFullTotal, "{message}",
            "Messages rejected or dropped because a session's queue was full.");
        _retries = meter.CreateCounter<long>(
            "mqtt.broker.enqueue.retries", "{call}", "Calls to a session repeated because their outcome was unknown.");
        _offerRetries = meter.CreateCounter<long>(
            "mqtt.broker.offer.retries", "{call}", "Parts of queues offered again because their outcome was unknown.");
        meter.CreateObservableCounter(
            "mqtt.broker.gateway.dropped", () => SlowGatewayTotal, "{message}",
            "QoS 0 messages dropped because a gateway took them too slowly.");
        _wills = meter.CreateCounter<long>("mqtt.broker.wills", "{message}", "Wills published.");
        _takenBack = meter.CreateCounter<long>(
            "mqtt.broker.shares.taken-back", "{message}", "Messages that a member of a shared subscription did not finish.");
        _discardedWithMember = meter.CreateCounter<long>(
            "mqtt.broker.shares.discarded", "{message}", "QoS 2 messages that ended with the session that they were sent to.");
        _expired = meter.CreateCounter<long>(
            "mqtt.broker.messages.expired", "{message}", "Messages that were given up in a queue because their time was over.");
        _sessionsExpired = meter.CreateCounter<long>(
            "mqtt.broker.sessions.expired", "{session}", "Sessions that ended because their client stayed away.");
        _delayed = meter.CreateCounter<long>(
            "mqtt.broker.messages.delayed", "{message}", "Delayed messages published.");
        meter.CreateObservableGauge(
            "mqtt.broker.retained", () => RetainedTotal, "{message}", "Retained messages in this silo's slices.");
    }

    public long RoutedTotal => Interlocked.Read(ref _routed);

    public long QueueFullTotal => Interlocked.Read(ref _queueFull);

    public long SlowGatewayTotal => Interlocked.Read(ref _slowGateway);

    public int RetainedTotal => _retained.Sum();

    public void Routed(int count) => Interlocked.Add(ref _routed, count);

    public void QueueFull() => Interlocked.Increment(ref _queueFull);

    public void EnqueueRetried() => _retries.Add(1);

    public void OfferRetried() => _offerRetries.Add(1);

    public void DroppedForSlowGateway() => Interlocked.Increment(ref _slowGateway);

    public void WillPublished() => _wills.Add(1);

    public void TakenBack() => _takenBack.Add(1);

    public void DiscardedWithMember() => _discardedWithMember.Add(1);

    public void Expired(int count)
    {
        if (count > 0)
            _expired.Add(count);
    }

    public void SessionExpired() => _sessionsExpired.Add(1);

    public void DelayedPublished(int count) => _delayed.Add(count);

    public void RetainedCount(int slice, int count) => _retained[slice] = count;
}
