using Orleans.Mqtt.Tests.Cluster.Nodes;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Stores;

/// <summary>The same cluster on every kind of Redis that there is.</summary>
public sealed class StoreKindTests
{
    private const int Sessions = 12;

    [Fact]
    public async Task On_Redis_Cluster_everything_is_spread_and_outlives_a_restart()
    {
        await using var store = new PartitionedStore();
        await store.StartAsync();
        await using var cluster = await TestCluster.StartAsync(PlanOf(store.Connection));
        await UseAsync(cluster, () => RestartAsync(cluster));
        Assert.All(await store.CountKeysAsync(), keys => Assert.True(keys > 0, "all keys are in a part of the slots"));
    }

    [Fact]
    public async Task With_Sentinel_a_restart_and_a_replica_that_becomes_the_master_change_nothing()
    {
        await using var store = new SentinelStore();
        await store.StartAsync();
        await using var cluster = await TestCluster.StartAsync(PlanOf(store.Connection));
        await UseAsync(cluster, () => RestartAsync(cluster));
        await UseAsync(cluster, async () =>
        {
            await store.FailOverAsync();
            await cluster.MendAsync();
        });
    }

    [Fact]
    public async Task With_TLS_and_a_password_it_works_as_without()
    {
        await using var store = new SecureStore();
        await store.StartAsync();
        var environment = new Dictionary<string, string> { ["SERedis_IssuerCertPath"] = store.IssuerFile };
        await using var cluster = await TestCluster.StartAsync(
            PlanOf(store.Connection) with { Environment = environment });
        await UseAsync(cluster, () => RestartAsync(cluster));
    }

    private static ClusterPlan PlanOf(string store) => new() { Silos = 2, Gateways = 1, Store = store };

    private static async Task RestartAsync(TestCluster cluster)
    {
        foreach (var node in cluster.Nodes)
            await node.KillAsync();
        await cluster.MendAsync();
    }

    /// <summary>Everything that is stored: sessions with their queues, QoS 2 half done, retained messages, wills.</summary>
    private static async Task UseAsync(TestCluster cluster, Func<Task> meanwhile)
    {
        var gateway = cluster.Gateways[0];
        var topic = Unique.Topic();
        var sessions = new List<string>();
        for (var i = 0; i < Sessions; i++)
        {
            await using var subscriber = await gateway.ConnectAsync(clean: false);
            await subscriber.SubscribeAsync($"{topic}/{i}", 1 + (i % 2));
            await subscriber.SubscribeAsync($"{topic}/all/+", 2);
            sessions.Add(subscriber.ClientId);
            await subscriber.DisconnectAsync();
        }

        var id = Unique.ClientId();
        await using (var publisher = await gateway.ConnectAsync(id, clean: false, will: new Will($"{topic}/all/will", "will", 1)))
        {
            for (var i = 0; i < Sessions; i++)
                await publisher.PublishAsync($"{topic}/{i}", $"own {i}", qos: 2, retain: true);
            await publisher.SendAsync(Packet.Publish($"{topic}/all/x", "half done", 2, 500));
            await publisher.AnswerAsync(RawType.PubRec, 500);
            await meanwhile();
        }

        await using (var publisher = await gateway.ConnectAsync(id, clean: false))
        {
            await publisher.SendAsync(Packet.Publish($"{topic}/all/x", "half done", 2, 500, retain: false, dup: true));
            await publisher.AnswerAsync(RawType.PubRec, 500);
            await publisher.SendAsync(Packet.PubRel(500));
            await publisher.AnswerAsync(RawType.PubComp, 500);
            await publisher.PublishAsync($"{topic}/all/x", "fence", qos: 2);
        }

        for (var i = 0; i < Sessions; i++)
            await ExpectAllAsync(gateway, sessions[i], topic, i);
    }

    private static async Task ExpectAllAsync(GatewayNode gateway, string session, string topic, int i)
    {
        await using var again = await gateway.ConnectAsync(session, clean: false);
        Assert.True(again.SessionPresent);
        var heard = new List<string>();
        while (heard.Count < 4)
            heard.Add((await again.HearAsync()).Text);
        Assert.Equal([$"own {i}", "half done", "fence"], heard.Where(text => text != "will"));
        Assert.Contains("will", heard);
        await again.UnsubscribeAsync($"{topic}/{i}", $"{topic}/all/+");
        await again.SubscribeAsync($"{topic}/{i}", 1);
        Assert.Equal(($"own {i}", true), await RetainedAsync(again));
        await again.ExpectNothingAsync();
        await again.UnsubscribeAsync($"{topic}/{i}");
    }

    private static async Task<(string, bool)> RetainedAsync(RawClient client)
    {
        var heard = await client.HearAsync();
        return (heard.Text, heard.Retain);
    }
}
