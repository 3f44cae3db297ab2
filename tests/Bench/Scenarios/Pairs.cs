using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Each publisher has a topic and a subscriber of its own.</summary>
internal sealed class Pairs(byte qos) : IScenario
{
    public string Name => $"pairs-q{qos}";

    public byte QoS => qos;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        using var fleet = run.NewFleet(run.Options.Connections);
        var exchange = Build(run, fleet, qos, isClean: true, measuresLatency: false, out _);
        return [await exchange.MeasureAsync(Name)];
    }

    public static Exchange Build(
        Run run, Fleet fleet, byte qos, bool isClean, bool measuresLatency, out IReadOnlyList<Publisher> publishers,
        bool hasProperties = false)
    {
        var options = run.Options;
        var pairs = Enumerable.Range(0, options.Connections).ToArray();
        var subscribers = pairs.Select(number => new Subscriber(
            fleet.ThreadOf(number), Run.Named("sub-", number), [Run.Named("pair/", number)], qos,
            new Audit(number, 1), isClean)
        {
            PayloadSize = options.PayloadSize,
            MeasuresLatency = measuresLatency,
            ExpectsProperties = hasProperties,
        });
        publishers = [.. pairs.Select(number => new Publisher(
            fleet.ThreadOf(number),
            Run.Named("pub-", number),
            new PublisherPlan
            {
                Number = number,
                QoS = qos,
                Topic = Run.Named("pair/", number),
                PayloadSize = options.PayloadSize,
                HasProperties = hasProperties,
                Window = run.Window(options.Connections, hearers: 1),
                InFlight = options.InFlight(qos),
            },
            isClean))];
        return new Exchange(run, fleet, publishers, [.. subscribers]);
    }
}
