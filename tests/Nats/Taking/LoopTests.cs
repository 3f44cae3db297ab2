using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Taking;

/// <summary>A message goes round in no circle, and to one silo of several.</summary>
public sealed class LoopTests
{
    [Fact]
    public async Task A_copy_that_somebody_sends_back_is_not_published_again()
    {
        await using var server = await NatsServer.StartAsync();
        await using var broker = await NatsBroker.StartAsync(server);
        await using var echo = await NatsPeer.HearingAsync(server, "mqtt.>");
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("#", 1);
        await echo.AskAsync("mqtt-in.ready", "ready");
        await alice.ExpectTextAsync("ready");
        await echo.HearAsync();

        await alice.PublishAsync("a", "once", 1);
        var copy = await echo.HearAsync();
        await echo.SendOnAsync("mqtt-in.a", copy);

        // Behind it, from the same sender: what is in is in order.
        await echo.AskAsync("mqtt-in.a", "fence");
        await alice.ExpectTextAsync("once");
        await alice.ExpectTextAsync("fence");
        await echo.ExpectAsync("mqtt.a", "fence");
    }

    [Fact]
    public async Task Two_brokers_that_feed_each_other_hear_each_message_once()
    {
        await using var server = await NatsServer.StartAsync();
        await using var one = await NatsBroker.StartAsync(
            server, "--cluster", "one", "--Nats:Prefix", "to-two", "--Nats:InPrefix", "to-one", "--Nats:EventsPrefix=");
        await using var two = await NatsBroker.StartAsync(
            server, "--cluster", "two", "--Nats:Prefix", "to-one", "--Nats:InPrefix", "to-two", "--Nats:EventsPrefix=");
        await using var peer = await NatsPeer.HearingAsync(server, "none");
        await peer.AskAsync("to-one.ready", "ready", (MessageHeaders.Origin, "two"));
        await peer.AskAsync("to-two.ready", "ready", (MessageHeaders.Origin, "one"));
        await using var alice = await one.ConnectAsync();
        await alice.SubscribeAsync("a", 1);
        await using var bob = await two.ConnectAsync();
        await bob.SubscribeAsync("a", 1);

        await alice.PublishAsync("a", "from one", 1);
        await bob.ExpectTextAsync("from one");
        await bob.PublishAsync("a", "from two", 1);

        // Had one of them gone round, it would have come before what was said because of it.
        await alice.ExpectTextAsync("from one");
        await alice.ExpectTextAsync("from two");
        await alice.PublishAsync("a", "fence", 1);
        await bob.ExpectTextAsync("from two");
        await bob.ExpectTextAsync("fence");
        await alice.ExpectTextAsync("fence");
    }

    [Fact]
    public async Task One_silo_of_a_group_takes_a_message()
    {
        await using var server = await NatsServer.StartAsync();
        await using var one = await NatsBroker.StartAsync(server, "--Nats:Prefix", "one");
        await using var two = await NatsBroker.StartAsync(server, "--Nats:Prefix", "two");
        await using var ones = await NatsPeer.HearingAsync(server, "one.>");
        await using var twos = await NatsPeer.HearingAsync(server, "two.>");
        await WaitForBothAsync(ones, twos);

        for (var n = 0; n < 200; n++)
            await ones.PublishAsync("mqtt-in.a", $"{n}");
        await using var fence = await one.ConnectAsync();
        await using var otherFence = await two.ConnectAsync();
        await ones.AskAsync("mqtt-in.a", "done");
        await fence.PublishAsync("a", "fence");
        await otherFence.PublishAsync("a", "fence");

        var taken = (await ones.HearUntilAsync("fence")).Concat(await twos.HearUntilAsync("fence"))
            .Select(NatsPeer.TextOf).Where(text => text is not ("both?" or "done")).ToList();
        Assert.Equal(200, taken.Distinct().Count());
        Assert.Equal(200, taken.Count);
    }

    /// <summary>Asks until each of the two has answered once.</summary>
    private static async Task WaitForBothAsync(NatsPeer ones, NatsPeer twos)
    {
        var heard = new[] { ones.HearAsync(), twos.HearAsync() };
        await Eventually.ThatAsync(async () =>
        {
            await ones.AskAsync("mqtt-in.both", "both?");
            return heard.All(hearing => hearing.IsCompletedSuccessfully);
        });
    }
}
