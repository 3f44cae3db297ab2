using System.Globalization;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Many connections that say nothing: what each costs in memory, and all together in CPU.</summary>
internal sealed class Idle : IScenario
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(2);

    public string Name => "idle";

    public byte QoS => 0;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        using var fleet = run.NewFleet(publishers: 0);
        await fleet.RunAsync(_rest);
        var empty = run.Read(0).Broker.ResidentBytes;

        var clients = Enumerable.Range(0, run.Options.Idle)
            .Select(number => new Idler(fleet.ThreadOf(number), Run.Named("idle-", number))).ToArray();
        await fleet.OpenAsync(clients, _patience);
        await fleet.RunAsync(run.Options.WarmUp); // what the connects have left to do is not rest

        var before = run.Read(0);
        await fleet.RunAsync(run.Options.Time);
        var after = run.Read(0);
        var resident = after.Broker.ResidentBytes;
        var name = string.Create(CultureInfo.InvariantCulture, $"{Name} {clients.Length}");
        return
        [
            after.Since(before).ToFigures(name, FigureKind.Memory, resident) with
            {
                Rate = null,
                PerCpuSecond = null,
                KibibytesAConnection = (resident - empty) / 1024.0 / clients.Length,
            },
        ];
    }
}
