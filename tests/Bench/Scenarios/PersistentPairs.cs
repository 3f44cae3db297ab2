using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Pairs whose sessions outlive their connections: the broker has to store before it acknowledges.</summary>
internal sealed class PersistentPairs : IScenario
{
    public string Name => "persistent-q1";

    public byte QoS => 1;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        using var fleet = run.NewFleet(run.Options.Connections);
        var exchange = Pairs.Build(run, fleet, QoS, isClean: false, measuresLatency: false, out _);
        return [await exchange.MeasureAsync(Name)];
    }
}
