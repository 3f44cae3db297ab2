using System.Globalization;
using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Outages;

/// <summary>NATS goes and comes; MQTT stays.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task What_is_published_while_NATS_is_away_is_copied_when_it_comes()
    {
        await using var server = NatsServer.Prepare(NatsServer.JetStream);
        await using var broker = await NatsBroker.StartAsync(server);
        await broker.SaysAsync("NATS is away");
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("#", 1);

        for (var n = 0; n < 100; n++)
        {
            await alice.PublishAsync("a/b", $"{n}", n % 3);
            await alice.ExpectTextAsync($"{n}");
        }

        await server.RunWithStreamAsync();
        await alice.PublishAsync("a/b", "fence", 1);
        Assert.Equal(Numbers(100), await server.ReadUntilAsync("fence"));
        await broker.SaysAsync("NATS is there");
    }

    [Fact]
    public async Task A_server_that_is_killed_and_restarted_under_traffic_misses_nothing_acknowledged()
    {
        await using var server = await NatsServer.StartAsync(NatsServer.JetStream);
        await server.AddStreamAsync();
        await using var broker = await NatsBroker.StartAsync(server);
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("a/b", 1);
        await using var bob = await broker.ConnectAsync();
        var kills = new HashSet<int> { 300, 900, 1_500 };
        var sent = 0;
        while (sent < 2_000)
        {
            // Pipelined, so that there is always something on its way when the server dies.
            await bob.SendAsync([.. Enumerable.Range(sent, 20).Select(n => Packet.Publish("a/b", $"{n}", 1, n + 1))]);
            if (kills.Contains(sent))
                await server.KillAsync();
            for (var n = 0; n < 20; n++)
                await bob.AnswerAsync(RawType.PubAck, sent + n + 1);
            if (kills.Contains(sent - 200))
                await server.RunAsync();
            sent += 20;
        }

        await bob.PublishAsync("a/b", "fence", 1);

        // The stream knows the copies that came twice by their identity.
        Assert.Equal(Numbers(2_000), await server.ReadUntilAsync("fence"));
        for (var n = 0; n < 2_000; n++)
            await alice.ExpectTextAsync($"{n}");
    }

    [Fact]
    public async Task A_server_that_hangs_does_not_hold_up_MQTT()
    {
        await using var server = await NatsServer.StartAsync(NatsServer.JetStream);
        await server.AddStreamAsync();
        await using var broker = await NatsBroker.StartAsync(server, "--Nats:BufferBytes", "1000000");
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("#", 1);
        await alice.PublishAsync("a", "before", 1);
        await broker.SaysAsync("NATS is there");

        server.Freeze();
        for (var n = 0; n < 2_000; n++)
            await alice.PublishAsync("a", new string('x', 1_000), n % 2);
        await broker.SaysAsync("no more messages are copied");
        await broker.SaysAsync("NATS is away");
        Assert.True(await broker.IsReadyAsync());
        server.Thaw();

        await broker.SaysAsync("NATS is there");
        await Eventually.ThatAsync(async () =>
        {
            await alice.PublishAsync("a", "after", 1);
            return broker.Output.Any(line => line.Contains("copied to NATS again", StringComparison.Ordinal));
        });
        await alice.PublishAsync("a", "fence", 1);
        var copied = await server.ReadUntilAsync("fence");
        Assert.Equal("before", copied[0]);
        Assert.Equal("after", copied[^1]);
        Assert.InRange(copied.Count, 500, 1_999);
    }

    [Fact]
    public async Task Messages_for_MQTT_come_again_after_an_outage()
    {
        await using var server = await NatsServer.StartAsync();
        await using var broker = await NatsBroker.StartAsync(server);
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("a", 1);
        await using (var before = await NatsPeer.HearingAsync(server, "none"))
            await before.AskAsync("mqtt-in.a", "before");

        await server.KillAsync();
        await server.RunAsync();

        await using var after = await NatsPeer.HearingAsync(server, "none");
        await after.AskAsync("mqtt-in.a", "after");
        await alice.ExpectTextAsync("before");
        await alice.ExpectTextAsync("after");
    }

    [Fact]
    public async Task What_was_published_before_the_broker_is_asked_to_end_is_copied_and_so_are_wills()
    {
        await using var server = await NatsServer.StartAsync();
        await using var broker = await NatsBroker.StartAsync(server);
        await broker.SaysAsync("NATS is there");
        await using var peer = await NatsPeer.HearingAsync(server, "mqtt.>");
        await using var client = await broker.ConnectAsync(will: new Will("a/will", "gone"));
        await client.SendAsync([.. Enumerable.Range(0, 1_000).Select(n => Packet.Publish("a/b", $"{n}"))]);
        await client.PublishAsync("a/b", "last", 1);

        var ended = await broker.TerminateAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(Numbers(1_000), (await peer.HearUntilAsync("last")).Select(NatsPeer.TextOf));
        await peer.ExpectAsync("mqtt.a.will", "gone");
    }

    [Fact]
    public async Task What_NATS_has_sent_before_the_broker_is_asked_to_end_is_published()
    {
        await using var server = await NatsServer.StartAsync();
        await using var broker = await NatsBroker.StartAsync(server);
        var clientId = Unique.ClientId();
        await using (var before = await broker.ConnectAsync(clientId, clean: false))
            await before.SubscribeAsync("a", 1);
        await using var peer = await NatsPeer.HearingAsync(server, "none");
        await peer.AskAsync("mqtt-in.ready", "ready");
        for (var n = 0; n < 3_000; n++)
            await peer.PublishAsync("mqtt-in.a", $"{n}", (MessageHeaders.QoSLevel, "1"));
        await peer.Connection.PingAsync(TestContext.Current.CancellationToken);

        await broker.RestartAsync();

        await using var after = await broker.ConnectAsync(clientId, clean: false);
        foreach (var text in Numbers(3_000))
            await after.ExpectTextAsync(text, "a");
    }

    private static IEnumerable<string> Numbers(int count) =>
        Enumerable.Range(0, count).Select(n => n.ToString(CultureInfo.InvariantCulture));
}
