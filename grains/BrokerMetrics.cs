using System.Diagnostics.Metrics;

namespace Orleans.Mqtt.Grains;

/// <summary>What a silo counts. Callers say what happened.</summary>
internal sealed class BrokerMetrics
{
    public const string MeterName = "Orleans.Mqtt.Broker";

    private readonly Counter<long> _routed;
    private readonly Counter<long> _queueFull;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _offerRetries;
    private readonly Counter<long> _slowGateway;
    private readonly Counter<long> _wills;
    private readonly Counter<long> _takenBack;
    private readonly Counter<long> _discardedWithMember;
    private readonly int[] _retained = new int[Mqtt.Routing.RouteSlices.Count];

    public BrokerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _routed = meter.CreateCounter<long>("mqtt.broker.messages.routed", "{message}", "Messages taken in and routed.");
        _queueFull = meter.CreateCounter<long>(
            "mqtt.broker.queue.full", "{message}", "Messages rejected or dropped because a session's queue was full.");
        _retries = meter.CreateCounter<long>(
            "mqtt.broker.enqueue.retries", "{call}", "Calls to a session repeated because their outcome was unknown.");
        _offerRetries = meter.CreateCounter<long>(
            "mqtt.broker.offer.retries", "{call}", "Parts of queues offered again because their outcome was unknown.");
        _slowGateway = meter.CreateCounter<long>(
            "mqtt.broker.gateway.dropped", "{message}", "QoS 0 messages dropped because a gateway took them too slowly.");
        _wills = meter.CreateCounter<long>("mqtt.broker.wills", "{message}", "Wills published.");
        _takenBack = meter.CreateCounter<long>(
            "mqtt.broker.shares.taken-back", "{message}", "Messages that a member of a shared subscription did not finish.");
        _discardedWithMember = meter.CreateCounter<long>(
            "mqtt.broker.shares.discarded", "{message}", "QoS 2 messages that ended with the session that they were sent to.");
        meter.CreateObservableGauge(
            "mqtt.broker.retained", () => _retained.Sum(), "{message}", "Retained messages in this silo's slices.");
    }

    public void Routed(int count) => _routed.Add(count);

    public void QueueFull() => _queueFull.Add(1);

    public void EnqueueRetried() => _retries.Add(1);

    public void OfferRetried() => _offerRetries.Add(1);

    public void DroppedForSlowGateway() => _slowGateway.Add(1);

    public void WillPublished() => _wills.Add(1);

    public void TakenBack() => _takenBack.Add(1);

    public void DiscardedWithMember() => _discardedWithMember.Add(1);

    public void RetainedCount(int slice, int count) => _retained[slice] = count;
}
