using System.Globalization;
using Orleans.Mqtt.Tests.Bench.Brokers;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;
using Orleans.Mqtt.Tests.Bench.Scenarios;
using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench;

/// <summary>
/// All scenarios with all peers, round by round: the peers take turns within each scenario, so that a machine that gets
/// slower or faster in between does so for all of them.
/// </summary>
internal sealed class Series(BenchOptions options, CancellationToken stopping)
{
    private readonly List<(string Broker, Figures Figures)> _runs = [];

    public IReadOnlyList<Summary> Summaries => Summary.Of(_runs);

    public async Task RunAsync(IReadOnlyList<IScenario> scenarios, IReadOnlyList<Recipe> peers)
    {
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var scenario in scenarios)
            {
                // Nobody is always the first.
                for (var turn = 0; turn < peers.Count; turn++)
                    await RunAsync(round, scenario, peers[(round + turn) % peers.Count]);
            }

            // After each round, so that a series that is cut short has told what it knew.
            if (options.Out is not null)
                await File.WriteAllTextAsync(options.Out, Page.Render(options, Summaries), stopping);
        }
    }

    public static async Task<IReadOnlyList<Figures>> MeasureAsync(
        BenchOptions options, IScenario scenario, Recipe peer, Func<Broker, Task<IReadOnlyList<Figures>>> measure, CancellationToken stopping)
    {
        if (scenario.QoS > peer.HighestQoS)
            return [new Figures(scenario.Name, FigureKind.Throughput) { Note = $"no QoS {scenario.QoS}" }];

        if (peer.HighestLevel < (scenario.IsOf5 ? Packets.Level5 : options.Level))
            return [new Figures(scenario.Name, FigureKind.Throughput) { Note = "no MQTT 5" }];

        try
        {
            await using var broker = await Broker.StartAsync(peer, stopping);
            return await measure(broker);
        }
        catch (Exception failure) when (failure is BrokenRunException or IOException or TimeoutException)
        {
            Console.Error.WriteLine($"{scenario.Name} with {peer.Name}: {failure.Message}");
            return [new Figures(scenario.Name, FigureKind.Throughput) { Note = failure.Message }];
        }
    }

    private async Task RunAsync(int round, IScenario scenario, Recipe peer)
    {
        var all = await MeasureAsync(
            options, scenario, peer, broker => scenario.MeasureAsync(new Run(broker, options, stopping)), stopping);
        foreach (var figures in all)
        {
            _runs.Add((peer.Name, figures));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"round {round + 1}  {Line(peer.Name, figures)}"));
        }
    }

    private static string Line(string broker, Figures figures)
    {
        (string Name, double? Value)[] values =
        [
            ("/s", figures.Rate), ("/CPU s", figures.PerCpuSecond), ("us p50", figures.P50Microseconds),
            ("us p99", figures.P99Microseconds), ("KiB each", figures.KibibytesAConnection), ("of few", figures.OfFew),
            ("cores", figures.Cores), ("generator cores", figures.GeneratorCores), ("MiB", figures.ResidentMebibytes),
        ];
        var parts = values
            .Where(value => value.Value is not null)
            .Select(value => $"{Column.Format(value.Value)} {value.Name}");
        var outcome = figures.Note ?? $"faults: {figures.Faults}";
        return $"{figures.Scenario,-22} {broker,-10} {string.Join("  ", parts)}  {outcome}";
    }
}
