using System.Diagnostics.Metrics;

namespace Orleans.Mqtt.Client.Watching;

/// <summary>What a process that watches counts.</summary>
internal sealed class WatchMetrics
{
    public const string MeterName = "Orleans.Mqtt.Client";

    private readonly Counter<long> _received;
    private readonly Counter<long> _missed;

    public WatchMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _received = meter.CreateCounter<long>("mqtt.client.watch.received", "{message}", "Messages for watches.");
        _missed = meter.CreateCounter<long>("mqtt.client.watch.missed", "{message}", "Messages that watches had no room for.");
    }

    public void Received() => _received.Add(1);

    public void Missed(long count) => _missed.Add(count);
}
