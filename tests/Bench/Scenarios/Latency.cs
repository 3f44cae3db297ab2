using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Pairs at a fixed rate, whatever the broker does; how long each message took from when it was due.</summary>
internal sealed class Latency(byte qos) : IScenario
{
    public string Name => $"latency-q{qos}";

    public byte QoS => qos;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var all = new List<Figures>();
        foreach (var rate in run.Options.Rates)
            all.Add(await MeasureAsync(run, rate));

        return all;
    }

    private async Task<Figures> MeasureAsync(Run run, int rate)
    {
        using var fleet = run.NewFleet(run.Options.Connections);
        var exchange = Pairs.Build(run, fleet, qos, isClean: true, measuresLatency: true, out var publishers);
        await exchange.OpenAsync();
        await OnAllAsync(fleet, thread =>
        {
            var own = publishers.Where(publisher => publisher.Thread == thread).ToArray();
            thread.Pace(new Pacer(own, (double)rate * own.Length / publishers.Count));
        });
        await fleet.RunAsync(run.Options.WarmUp);

        await OnAllAsync(fleet, thread => thread.Latencies.Clear());
        var before = run.Read(fleet.Received);
        await fleet.RunAsync(run.Options.Time);
        var after = run.Read(fleet.Received);

        await OnAllAsync(fleet, thread => thread.Pace(null));
        var faults = await exchange.SettleAsync();
        var latencies = new LatencyHistogram();
        foreach (var thread in fleet.Threads)
            latencies.Add(thread.Latencies);

        return after.Since(before).ToFigures($"{Name} {rate}/s", FigureKind.Latency, after.Broker.ResidentBytes) with
        {
            P50Microseconds = latencies.Percentile(0.50).TotalMicroseconds,
            P99Microseconds = latencies.Percentile(0.99).TotalMicroseconds,
            Faults = faults,
        };
    }

    private static async Task OnAllAsync(Fleet fleet, Action<LoadThread> errand)
    {
        foreach (var thread in fleet.Threads)
            await thread.DoAsync(() => errand(thread));
    }
}
