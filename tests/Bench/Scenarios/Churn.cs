using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Clients that connect, say goodbye and come again under a new name, as fast as they are let in.</summary>
internal sealed class Churn : IScenario
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public string Name => "churn";

    public byte QoS => 0;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        using var fleet = run.NewFleet(publishers: 0);
        var clients = Enumerable.Range(0, run.Options.Connections)
            .Select(number => new Churner(fleet.ThreadOf(number), Run.Named("churn-", number))).ToArray();
        await fleet.DoAsync(clients, client => client.Open());
        await fleet.RunAsync(run.Options.WarmUp);

        var before = run.Read(Connects(fleet));
        await fleet.RunAsync(run.Options.Time);
        var after = run.Read(Connects(fleet));

        await fleet.DoAsync(clients, client => client.IsLastLife = true);
        if (!await fleet.UntilAsync(() => clients.All(client => client.IsOver), _patience))
            throw new BrokenRunException("some connections were never answered");

        return [after.Since(before).ToFigures(Name, FigureKind.Throughput, after.Broker.ResidentBytes)];
    }

    private static long Connects(Fleet fleet) => fleet.Threads.Sum(thread => thread.Connects);
}
