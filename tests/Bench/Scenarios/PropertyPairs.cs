using Orleans.Mqtt.Tests.Bench.Report;
using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Pairs in MQTT 5 with all that slows it down: each message has user properties, and an alias for its topic.</summary>
internal sealed class PropertyPairs(byte qos) : IScenario
{
    public string Name => $"properties-q{qos}";

    public byte QoS => qos;

    public bool IsOf5 => true;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        run = run with { Options = run.Options with { Level = Packets.Level5 } };
        using var fleet = run.NewFleet(run.Options.Connections);
        var exchange = Pairs.Build(
            run, fleet, qos, isClean: true, measuresLatency: false, out _, hasProperties: true);
        return [await exchange.MeasureAsync(Name)];
    }
}
