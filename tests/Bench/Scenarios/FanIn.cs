using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Many publishers with a topic each, one subscriber that hears them all through a wildcard.</summary>
internal sealed class FanIn(byte qos) : IScenario
{
    public string Name => $"fanin-q{qos}";

    public byte QoS => qos;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var options = run.Options;
        using var fleet = run.NewFleet(options.Connections);
        var subscriber = new Subscriber(
            fleet.ThreadOf(0), "sub", ["fanin/+"], qos, new Audit(0, options.Connections))
        {
            PayloadSize = options.PayloadSize,
        };
        var publishers = Enumerable.Range(0, options.Connections).Select(number => new Publisher(
            fleet.ThreadOf(number),
            Run.Named("pub-", number),
            new PublisherPlan
            {
                Number = number,
                QoS = qos,
                Topic = Run.Named("fanin/", number),
                PayloadSize = options.PayloadSize,
                Window = run.Window(options.Connections, hearers: 1),
                InFlight = options.InFlight(qos),
            }));
        return [await new Exchange(run, fleet, [.. publishers], [subscriber]).MeasureAsync(Name)];
    }
}
