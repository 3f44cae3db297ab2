using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Nodes;

/// <summary>Silos, gateways and a redis-server, each a process of its own, on free ports of the loopback.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly RedisProcess? _redis;

    private TestCluster(ClusterPlan plan)
    {
        _redis = plan.Store is null ? new RedisProcess(plan.RedisSettings) : null;
        Silos = [.. Enumerable.Range(0, plan.Silos).Select(index =>
        {
            var line = LineToRedis(plan);
            return new SiloNode(index, plan.Store ?? RedisOf(line), plan, line);
        })];
        Gateways = [.. Enumerable.Range(0, plan.Gateways).Select(index =>
        {
            var line = LineToRedis(plan);
            return new GatewayNode(index, plan.Store ?? RedisOf(line), plan, line);
        })];
    }

    public RedisProcess Redis => _redis ?? throw new InvalidOperationException("the store is not the cluster's own");

    public IReadOnlyList<SiloNode> Silos { get; }

    public IReadOnlyList<GatewayNode> Gateways { get; }

    public IEnumerable<Node> Nodes => [.. Silos, .. Gateways];

    public IReadOnlyList<Entrance> Entrances => [.. Gateways.Select(gateway => gateway.Entrance)];

    public static async Task<TestCluster> StartAsync(ClusterPlan plan)
    {
        var cluster = new TestCluster(plan);
        try
        {
            await cluster.MendAsync();
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
        if (_redis is not null)
            await _redis.MendAsync();
        foreach (var line in Lines())
            line.Heal();
        await MendAsync(Silos); // first: a gateway that finds no silo waits a second before it looks again
        await MendAsync(Gateways);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    private static async Task MendAsync(IReadOnlyList<Node> nodes)
    {
        foreach (var node in nodes)
        {
            node.Resume();
            if (!node.IsRunning)
                node.Start();
        }

        await Task.WhenAll(nodes.Select(ReadyAsync));
    }

    /// <summary>A silo that learns that the others have given it up ends, and is started again, as it would be anywhere.</summary>
    private static async Task ReadyAsync(Node node)
    {
        try
        {
            await node.ReadyAsync();
        }
        catch (InvalidOperationException) when (!node.IsRunning)
        {
            node.Start();
            await node.ReadyAsync();
        }
    }

    private IEnumerable<TcpProxy> Lines() =>
        [.. Nodes.Select(node => node.RedisLine).OfType<TcpProxy>(), .. Silos.SelectMany(silo => silo.Lines)];

    private TcpProxy? LineToRedis(ClusterPlan plan) => plan.HasProxies ? new TcpProxy(FreePorts.Take(), Redis.Port) : null;

    private string RedisOf(TcpProxy? line) => $"127.0.0.1:{line?.Port ?? Redis.Port}";
}
