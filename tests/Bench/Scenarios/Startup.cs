using System.Globalization;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>From the start of the process to the first client, and full load from there on: the first ten seconds.</summary>
internal sealed class Startup : IScenario
{
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(10);

    public string Name => "startup";

    public byte QoS => 0;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        using var fleet = run.NewFleet(run.Options.Connections);
        run = run with { Options = run.Options with { WarmUp = TimeSpan.Zero, Time = _first } };
        var exchange = Pairs.Build(run, fleet, QoS, isClean: true, measuresLatency: false, out _);
        var figures = await exchange.MeasureAsync(Name);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{run.Broker.Recipe.Name} let its first client in after {run.Broker.StartedIn.TotalSeconds:0.00} s"));
        return [figures];
    }
}
