using Orleans.Mqtt.Tests.Cluster.Nodes;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Scenarios;

/// <summary>Three silos and two gateways, one test after the other; each finds it mended.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private TestCluster? _cluster;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(new ClusterPlan
    {
        // Twice as long as usual: where no gateway dies, none is to lose its lease because the machine stood still.
        GatewaySettings = ["--Gateway:Lease=00:00:06"],
    });

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class SharedClusterCollection : ICollectionFixture<SharedCluster>
{
    public const string Name = "one cluster";
}

/// <summary>A test on the shared cluster, with the first and the second gateway as its near and far end.</summary>
[Collection(SharedClusterCollection.Name)]
public abstract class ClusterTests(SharedCluster shared) : IAsyncLifetime
{
    private protected TestCluster Cluster => shared.Cluster;

    private protected GatewayNode Near => Cluster.Gateways[0];

    private protected GatewayNode Far => Cluster.Gateways[1];

    public async ValueTask InitializeAsync() => await Cluster.MendAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
