using System.Diagnostics;
using Orleans.Mqtt.Tests.Cluster.Load;
using Orleans.Mqtt.Tests.Cluster.Nodes;
using Orleans.Mqtt.Tests.Cluster.Storms;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Measurements;

/// <summary>
/// Promise P8: one silo of three is killed under load, again and again. Counts client connections that were lost, and takes
/// the time until every publisher and every subscriber is served again.
/// </summary>
internal sealed class SiloLoss(int times, int clients, Action<string> say)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    /// <summary>Connections that clients lost although they wanted to stay.</summary>
    public int LostConnections { get; private set; }

    public List<TimeSpan> Outages { get; } = [];

    /// <summary>Whether no connection was lost, nothing else was, and everybody was served again each time.</summary>
    public async Task<bool> RunAsync()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterPlan());
        return await RunAsync(cluster);
    }

    public async Task<bool> RunAsync(TestCluster cluster)
    {
        var load = new LoadOptions { Rate = 5, Patience = _patience };
        await using var fleet = Crowd.Steady(cluster.Entrances, load, clients);
        await fleet.StartAsync();
        for (var time = 0; time < times; time++)
        {
            if (!await new ServiceWatch(fleet.Chronicle).UntilFullAsync(_patience))
                return false;

            var silo = cluster.Silos[time % cluster.Silos.Count];
            var watch = new ServiceWatch(fleet.Chronicle);
            var began = Stopwatch.GetTimestamp();
            say($"{time + 1,3}: after {fleet.Chronicle.Since(began).TotalSeconds:0.000} s");
            await silo.KillAsync();
            if (!await watch.UntilFullAsync(_patience))
            {
                say($"{time + 1,3}: not served again: {watch}");
                return false;
            }

            Outages.Add(Stopwatch.GetElapsedTime(began));
            say($"{time + 1,3}: {silo.Name} killed, all served again after {Outages[^1].TotalSeconds:0.00} s");
            await silo.StartAsync();
            say($"{time + 1,3}: ready after {fleet.Chronicle.Since(Stopwatch.GetTimestamp()).TotalSeconds:0.000} s");
        }

        var findings = await fleet.DrainAsync(_patience);
        LostConnections = fleet.Clients.Sum(client => client.LostConnections);
        say($"{LostConnections} of {fleet.Clients.Count()} client connections lost; "
            + $"median {Outages.Order().ElementAt(Outages.Count / 2).TotalSeconds:0.00} s, longest {Outages.Max().TotalSeconds:0.00} s");
        say(findings.ToString());
        return LostConnections == 0 && findings.IsClean;
    }
}
