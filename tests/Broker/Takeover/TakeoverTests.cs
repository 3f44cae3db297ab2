using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Takeover;

/// <summary>Section 3.1.4: one client id, one connection.</summary>
public sealed class TakeoverTests(SharedBroker broker)
{
    [Theory, InlineData(true, true), InlineData(true, false), InlineData(false, true), InlineData(false, false)]
    [Spec("MQTT-3.1.4-2")]
    public async Task A_new_connection_closes_the_old_one_of_the_same_client(bool firstClean, bool secondClean)
    {
        var id = Unique.ClientId();
        await using var old = await broker.ConnectAsync(id, firstClean);

        await using var young = await broker.ConnectAsync(id, secondClean);

        await old.ExpectClosedAsync();
        await young.ExpectNothingAsync();
        Assert.Equal(!firstClean && !secondClean, young.SessionPresent);
    }

    [Fact, Spec("MQTT-3.1.4-2", "MQTT-3.1.2-4")]
    public async Task The_new_connection_inherits_the_subscriptions()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using var bob = await broker.ConnectAsync();
        await using var old = await broker.ConnectAsync(id, clean: false);
        await old.SubscribeAsync(topic, 1);

        await using var young = await broker.ConnectAsync(id, clean: false);
        await bob.PublishAsync(topic, "for the heir", qos: 1);

        await young.ExpectTextAsync("for the heir");
        await old.ExpectClosedAsync();
    }

    [Fact, Spec("MQTT-3.1.4-3", "MQTT-3.1.2-6")]
    public async Task A_clean_takeover_inherits_nothing()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using var old = await broker.ConnectAsync(id, clean: false);
        await old.SubscribeAsync(topic, 1);

        await using var young = await broker.ConnectAsync(id, clean: true);
        await young.PublishAsync(topic, "nobody hears", qos: 1);

        await young.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.4.0-1", "MQTT-3.3.1-1")]
    public async Task What_the_old_connection_had_not_acknowledged_is_sent_to_the_new_one()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using var bob = await broker.ConnectAsync();
        await using var old = await broker.ConnectAsync(id, clean: false);
        await old.SubscribeAsync(topic, 1);
        await bob.PublishAsync(topic, "unanswered", qos: 1);
        var first = await old.HearUnansweredAsync();

        await using var young = await broker.ConnectAsync(id, clean: false);

        var second = await young.HearAsync();
        Assert.Equal((first.PacketId, "unanswered", true), (second.PacketId, second.Text, second.Dup));
    }

    [Fact, Spec("MQTT-3.1.4-2")]
    public async Task Of_many_that_want_the_same_id_at_once_one_stays()
    {
        var id = Unique.ClientId();
        var clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => broker.OpenAsync()));

        await Task.WhenAll(clients.Select(client =>
            client.SendAsync(Packet.Connect(new ConnectOptions { ClientId = id, CleanSession = false }))));

        // Those who were overtaken hear the end; a CONNACK before it is right, and so is none.
        var ends = clients.Select(client => client.DrainAsync()).ToList();
        while (ends.Count > 1)
            ends.Remove(await Task.WhenAny(ends));
        Assert.False(ends[0].IsCompleted);
        await using var last = await broker.ConnectAsync(id, clean: false);
        Assert.All(await ends[0], packet => Assert.Equal(0x20, packet.Header)); // it, too, may be overtaken before its CONNACK
        Assert.True(last.SessionPresent);
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Theory, InlineData(true), InlineData(false), Spec("MQTT-3.1.4-2")]
    public async Task Each_of_a_long_row_of_connections_closes_the_one_before(bool clean)
    {
        var id = Unique.ClientId();
        var last = await broker.ConnectAsync(id, clean);
        for (var heir = 0; heir < 20; heir++)
        {
            var next = await broker.ConnectAsync(id, clean);
            await last.ExpectClosedAsync();
            await last.DisposeAsync();
            last = next;
        }

        await last.ExpectNothingAsync();
        await last.DisposeAsync();
    }

    [Fact, Spec("MQTT-3.1.4-2")]
    public async Task A_connection_that_comes_while_the_one_before_is_still_being_ended_is_known_to_the_next_one()
    {
        var id = Unique.ClientId();
        for (var round = 0; round < 40; round++)
        {
            // Its will is what takes time at its end.
            await using var first = await broker.ConnectAsync(id, clean: true, new Will(Unique.Topic(), "will", qos: 1));
            first.Abort();
            await using var second = await broker.ConnectAsync(id);

            await using var third = await broker.ConnectAsync(id);

            await second.ExpectClosedAsync();
        }
    }
}
