using Orleans.Mqtt.Tests.Cluster.Load;
using Orleans.Mqtt.Tests.Cluster.Measurements;
using Orleans.Mqtt.Tests.Cluster.Storms;
using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Load;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Scenarios;

/// <summary>One process of the cluster is killed, or told to end, while clients are at work.</summary>
public sealed class LossTests(SharedCluster shared) : ClusterTests(shared)
{
    private const int Clients = 6;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly string _topic = Unique.Topic();

    [Fact]
    public async Task No_client_is_disconnected_when_a_silo_is_killed_and_all_are_served_again()
    {
        var loss = new SiloLoss(times: 1, clients: 24, TestContext.Current.TestOutputHelper!.WriteLine);

        Assert.True(await loss.RunAsync(Cluster), "see the output");
        Assert.Equal(0, loss.LostConnections);
    }

    [Fact]
    public async Task No_client_is_disconnected_when_a_silo_is_told_to_stop_and_nothing_is_lost()
    {
        var load = new LoadOptions { Rate = 20, Patience = _patience };
        await using var fleet = Crowd.Steady(Cluster.Entrances, load, clients: 24);
        await fleet.StartAsync();
        foreach (var silo in Cluster.Silos.Take(2))
        {
            Assert.True(await new ServiceWatch(fleet.Chronicle).UntilFullAsync(_patience));
            Assert.Equal(0, (await silo.TerminateAsync()).ExitCode);
            Assert.True(await new ServiceWatch(fleet.Chronicle).UntilFullAsync(_patience));
            await silo.StartAsync();
        }

        var findings = await fleet.DrainAsync(_patience);
        Assert.True(findings.IsClean, findings.ToString());
        Assert.Equal(0, fleet.Clients.Sum(client => client.LostConnections));
    }

    [Fact]
    public async Task Nothing_is_lost_when_a_gateway_is_told_to_stop_and_the_others_go_on()
    {
        var load = new LoadOptions { Rate = 20, Patience = _patience, Pause = TimeSpan.FromMilliseconds(100) };
        await using var fleet = Crowd.Steady(Cluster.Entrances, load, clients: 24);
        await fleet.StartAsync();
        await using var bystander = await Far.ConnectAsync();

        Assert.Equal(0, (await Near.TerminateAsync()).ExitCode);
        Assert.True(await new ServiceWatch(fleet.Chronicle).UntilFullAsync(_patience));
        await Near.StartAsync();

        var findings = await fleet.DrainAsync(_patience);
        Assert.True(findings.IsClean, findings.ToString());
        await bystander.ExpectNothingAsync(); // it was not disconnected
    }

    [Fact, Spec("MQTT-3.1.2-8")]
    public async Task The_wills_of_a_killed_gateway_come_once_and_its_routes_go()
    {
        await using var witness = await Far.ConnectAsync(clean: false);
        await witness.SubscribeAsync(_topic + "/will/#", 2);
        var clients = new List<RawClient>();
        for (var i = 0; i < Clients; i++)
        {
            var will = new Will($"{_topic}/will/{i}", "will", qos: 2);
            clients.Add(await Near.ConnectAsync(clean: i % 2 == 0, will: will));
            await clients[i].SubscribeAsync($"{_topic}/heard/{i}", 1);
        }

        await Near.KillAsync();

        var heard = new List<string>();
        for (var i = 0; i < Clients; i++)
            heard.Add((await witness.HearAsync()).Topic);
        Assert.Equal(Enumerable.Range(0, Clients).Select(i => $"{_topic}/will/{i}"), heard.Order());
        await witness.PublishAsync(_topic + "/will/fence", "fence", qos: 2);
        await witness.ExpectTextAsync("fence");
        await ExpectNoRoutesToAsync("g:", Clients / 2);
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    /// <summary>Of the routes below our topic only those of kept sessions are left.</summary>
    private async Task ExpectNoRoutesToAsync(string gateways, int kept)
    {
        using var patience = new CancellationTokenSource(_patience);
        using var ticks = new PeriodicTimer(_tick);
        List<string> routes;
        do
        {
            await ticks.WaitForNextTickAsync(patience.Token);
            routes = [];
            foreach (var key in await Cluster.Redis.AskAsync("--scan", "--pattern", "*routes*"))
                routes.AddRange(await Cluster.Redis.AskAsync("hkeys", key));
            routes.RemoveAll(route => !route.Contains($"{_topic}/heard/", StringComparison.Ordinal));
        }
        while (routes.Exists(route => route.StartsWith(gateways, StringComparison.Ordinal)));

        Assert.Equal(kept, routes.Count);
    }
}
