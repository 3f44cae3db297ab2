using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Pairs with larger payloads; no more of them on their way than fit into some memory.</summary>
internal sealed class PayloadPairs(int kibibytes, byte qos) : IScenario
{
    private const int MostOnTheirWay = 64 * 1024 * 1024;

    public string Name => $"payload-{kibibytes}k-q{qos}";

    public byte QoS => qos;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var size = kibibytes * 1024;
        var outstanding = Math.Min(run.Options.Outstanding, MostOnTheirWay / size);
        run = run with { Options = run.Options with { PayloadSize = size, Outstanding = outstanding } };
        using var fleet = run.NewFleet(run.Options.Connections);
        var exchange = Pairs.Build(run, fleet, qos, isClean: true, measuresLatency: false, out _);
        return [await exchange.MeasureAsync(Name)];
    }
}
