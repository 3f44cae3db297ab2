using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Taking;

/// <summary>Two silos and a gateway apart, on one Redis.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task A_cluster_copies_each_message_once_takes_each_once_and_tells_of_the_clients_of_a_gateway_apart()
    {
        await using var redis = new RedisProcess();
        await redis.StartAsync();
        await using var server = await NatsServer.StartAsync();
        string[] settings = ["--redis", redis.Address, "--gateway", "false"];
        await using var one = await NatsBroker.StartAsync(server, settings);
        await using var two = await NatsBroker.StartAsync(server, settings);
        await one.SaysAsync("NATS is there");
        await two.SaysAsync("NATS is there");
        await using var gateway = await TestGateway.StartAsync(redis.Port);
        await using var peer = await NatsPeer.HearingAsync(server, "mqtt.>");
        await using var events = await NatsPeer.HearingAsync(server, "mqtt-events.>");

        await using var alice = await gateway.ConnectAsync("alice");
        await alice.SubscribeAsync("#", 1);
        await using var bob = await gateway.ConnectAsync("bob");
        for (var n = 0; n < 100; n++)
            await bob.PublishAsync("from/mqtt", $"{n}", 1);
        for (var n = 0; n < 100; n++)
            await peer.AskAsync("mqtt-in.from.nats", $"{n}", (MessageHeaders.QoSLevel, "1"));
        await bob.PublishAsync("from/mqtt", "fence", 1);

        Assert.Equal(200, (await peer.HearUntilAsync("fence")).Count);
        var heard = new List<string>();
        while (heard.Count < 201)
            heard.Add((await alice.HearAsync()).Text);
        Assert.Equal(101, heard.Distinct().Count());
        await alice.ExpectNothingAsync();
        Assert.Equal("mqtt-events.connected", (await events.HearUntilContainsAsync("\"alice\"")).Subject);
        var subscribed = await events.HearUntilContainsAsync("\"alice\"");
        Assert.Equal("mqtt-events.subscribed", subscribed.Subject);
        Assert.Contains("\"filter\":\"#\"", NatsPeer.TextOf(subscribed), StringComparison.Ordinal);

        // Killed: it cannot say that its clients are gone.
        await gateway.KillAsync();
        Assert.Equal("mqtt-events.disconnected", (await events.HearUntilContainsAsync("\"alice\"")).Subject);
    }
}
