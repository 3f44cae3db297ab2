using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>One publisher that many subscribers hear. What is counted is deliveries.</summary>
internal sealed class FanOut(byte qos) : IScenario
{
    private const string Topic = "fanout/news";

    public string Name => $"fanout-q{qos}";

    public byte QoS => qos;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var options = run.Options;
        using var fleet = run.NewFleet(publishers: 1);
        var subscribers = Enumerable.Range(0, options.Connections).Select(number => new Subscriber(
            fleet.ThreadOf(number), Run.Named("sub-", number), [Topic], qos, new Audit(0, 1))
        {
            PayloadSize = options.PayloadSize,
        });
        var publisher = new Publisher(fleet.ThreadOf(0), "pub", new PublisherPlan
        {
            Number = 0,
            QoS = qos,
            Topic = Topic,
            PayloadSize = options.PayloadSize,
            Window = run.Window(publishers: 1, options.Connections),
            InFlight = options.InFlight(qos),
            Hearers = options.Connections,
        });
        return [await new Exchange(run, fleet, [publisher], [.. subscribers]).MeasureAsync(Name)];
    }
}
