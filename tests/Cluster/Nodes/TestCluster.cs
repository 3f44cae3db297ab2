using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Nodes;

/// <summary>Silos, gateways and a redis-server, each a process of its own, on free ports of the loopback.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private TestCluster(ClusterPlan plan)
    {
        Redis = new RedisProcess(plan.RedisSettings);
        Silos = [.. Enumerable.Range(0, plan.Silos).Select(index =>
        {
            var line = LineToRedis(plan);
            return new SiloNode(index, RedisOf(line), plan, line);
        })];
        Gateways = [.. Enumerable.Range(0, plan.Gateways).Select(index =>
        {
            var line = LineToRedis(plan);
            return new GatewayNode(index, RedisOf(line), plan, line);
        })];
    }

    public RedisProcess Redis { get; }

    public IReadOnlyList<SiloNode> Silos { get; }

    public IReadOnlyList<GatewayNode> Gateways { get; }

    public IEnumerable<Node> Nodes => [.. Silos, .. Gateways];

    public IReadOnlyList<Entrance> Entrances => [.. Gateways.Select(gateway => gateway.Entrance)];

    public static async Task<TestCluster> StartAsync(ClusterPlan plan)
    {
        var cluster = new TestCluster(plan);
        try
        {
            await cluster.Redis.StartAsync();
            await Task.WhenAll(cluster.Silos.Select(silo => silo.StartAsync()));
            await Task.WhenAll(cluster.Gateways.Select(gateway => gateway.StartAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Everything runs, nothing is cut or slow: what a test left broken is mended.</summary>
    public async Task MendAsync()
    {
        await Redis.MendAsync();
        foreach (var line in Lines())
            line.Heal();
        foreach (var node in Nodes)
        {
            node.Resume();
            if (!node.IsRunning)
                node.Start();
        }

        await Task.WhenAll(Nodes.Select(node => node.ReadyAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private IEnumerable<TcpProxy> Lines() =>
        [.. Nodes.Select(node => node.RedisLine).OfType<TcpProxy>(), .. Silos.SelectMany(silo => silo.Lines)];

    private TcpProxy? LineToRedis(ClusterPlan plan) => plan.HasProxies ? new TcpProxy(FreePorts.Take(), Redis.Port) : null;

    private string RedisOf(TcpProxy? line) => $"127.0.0.1:{line?.Port ?? Redis.Port}";
}
