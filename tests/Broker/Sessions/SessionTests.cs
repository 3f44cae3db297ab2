using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Sessions;

/// <summary>Sections 3.1.2.4 and 4.1: what is remembered while a client is away.</summary>
public sealed class SessionTests(SharedBroker broker)
{
    private readonly string _id = Unique.ClientId();
    private readonly string _topic = Unique.Topic();

    [Fact, Spec("MQTT-3.1.2-4", "MQTT-4.1.0-1", "MQTT-3.2.2-2")]
    public async Task Subscriptions_outlive_the_connection()
    {
        await LeaveSubscribedAsync(qos: 1);

        await using var alice = await broker.ConnectAsync(_id, clean: false);
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(_topic, "hello again", qos: 1);

        Assert.True(alice.SessionPresent);
        await alice.ExpectTextAsync("hello again");
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.1.2-5", "MQTT-4.5.0-1", "MQTT-3.1.2-4")]
    public async Task What_is_published_meanwhile_waits(int qos)
    {
        await LeaveSubscribedAsync(qos);
        await using var bob = await broker.ConnectAsync();
        for (var i = 0; i < 10; i++)
            await bob.PublishAsync(_topic, $"{i}", qos);

        await using var alice = await broker.ConnectAsync(_id, clean: false);

        for (var i = 0; i < 10; i++)
        {
            var heard = await alice.HearAsync();
            Assert.Equal(($"{i}", qos, false), (heard.Text, heard.QoS, heard.Retain));
        }

        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-5", "MQTT-3.8.4-6")]
    public async Task What_waits_has_the_lower_of_both_QoS()
    {
        await LeaveSubscribedAsync(qos: 1);
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(_topic, "two", qos: 2);
        await bob.PublishAsync(_topic, "one", qos: 1);

        await using var alice = await broker.ConnectAsync(_id, clean: false);

        foreach (var text in new[] { "two", "one" })
        {
            var heard = await alice.HearAsync();
            Assert.Equal((text, 1), (heard.Text, heard.QoS));
        }
    }

    /// <summary>
    /// The standard leaves it open whether QoS 0 waits; that the others keep their order it does not.
    /// </summary>
    [Fact, Spec("MQTT-3.1.2-5", "MQTT-4.6.0-6")]
    public async Task Messages_of_QoS_0_may_be_lost_but_do_not_disturb_the_others()
    {
        await LeaveSubscribedAsync(qos: 2);
        await using var bob = await broker.ConnectAsync();
        for (var i = 0; i < 9; i++)
            await bob.PublishAsync(_topic, $"{i}", qos: i % 3);

        await using var alice = await broker.ConnectAsync(_id, clean: false);

        var heard = new List<Heard>();
        while (heard.Count(each => each.QoS > 0) < 6)
            heard.Add(await alice.HearAsync());
        Assert.Equal(["1", "4", "7"], heard.Where(each => each.QoS == 1).Select(each => each.Text));
        Assert.Equal(["2", "5", "8"], heard.Where(each => each.QoS == 2).Select(each => each.Text));
    }

    [Fact, Spec("MQTT-3.1.2-6", "MQTT-3.1.4-3")]
    public async Task A_clean_session_begins_with_nothing()
    {
        await LeaveSubscribedAsync(qos: 2);
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(_topic, "for nobody", qos: 2);

        await using var alice = await broker.ConnectAsync(_id, clean: true);
        await bob.PublishAsync(_topic, "for nobody either", qos: 2);

        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-6")]
    public async Task A_clean_session_takes_the_memory_of_the_one_before_with_it()
    {
        await LeaveSubscribedAsync(qos: 2);
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(_topic, "for nobody", qos: 2);
        await using (var clean = await broker.ConnectAsync(_id, clean: true))
            await clean.DisconnectAsync();

        await using var alice = await broker.ConnectAsync(_id, clean: false);
        await bob.PublishAsync(_topic, "for nobody either", qos: 2);

        Assert.False(alice.SessionPresent);
        await alice.ExpectNothingAsync();
    }

    [Theory, InlineData(true), InlineData(false), Spec("MQTT-3.1.2-6", "MQTT-3.1.2-4")]
    public async Task A_clean_session_does_not_outlive_its_connection(bool farewell)
    {
        await using (var alice = await broker.ConnectAsync(_id, clean: true))
        {
            await alice.SubscribeAsync(_topic, 1);
            if (farewell)
                await alice.DisconnectAsync();
        }

        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(_topic, "for nobody", qos: 1);

        await using var again = await broker.ConnectAsync(_id, clean: false);
        Assert.False(again.SessionPresent);
        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.1.0-2", "MQTT-4.1.0-1")]
    public async Task A_session_lasts_as_long_as_its_connection_at_least()
    {
        await using var alice = await broker.ConnectAsync(_id, clean: true);
        await alice.SubscribeAsync(_topic, 2);
        await using var bob = await broker.ConnectAsync();

        for (var i = 0; i < 20; i++)
        {
            await alice.ExpectNothingAsync();
            await bob.PublishAsync(_topic, $"{i}", qos: 2);
            await alice.ExpectTextAsync($"{i}");
        }
    }

    [Fact, Spec("MQTT-3.1.2-5", "MQTT-4.6.0-6")]
    public async Task A_long_queue_comes_back_whole_and_in_order()
    {
        const int Many = 500;
        await LeaveSubscribedAsync(qos: 1);
        await using var bob = await broker.ConnectAsync();
        foreach (var ids in Enumerable.Range(1, Many).Chunk(50))
        {
            await bob.SendAsync([.. ids.Select(id => Packet.Publish(_topic, $"{id}", qos: 1, id))]);
            foreach (var id in ids)
                await bob.ExpectAsync(Packet.PubAck(id));
        }

        await using var alice = await broker.ConnectAsync(_id, clean: false);

        for (var id = 1; id <= Many; id++)
            await alice.ExpectTextAsync($"{id}");
        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-5")]
    public async Task What_was_answered_before_is_not_sent_again()
    {
        await LeaveSubscribedAsync(qos: 2);
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(_topic, "one", qos: 1);
        await bob.PublishAsync(_topic, "two", qos: 2);
        await using (var alice = await broker.ConnectAsync(_id, clean: false))
        {
            await alice.ExpectTextAsync("one");
            await alice.ExpectTextAsync("two");
            await alice.DisconnectAsync();
        }

        await using var again = await broker.ConnectAsync(_id, clean: false);

        await again.ExpectNothingAsync();
    }

    private async Task LeaveSubscribedAsync(int qos)
    {
        await using var client = await broker.ConnectAsync(_id, clean: false);
        await client.SubscribeAsync(_topic, qos);
        await client.DisconnectAsync();
    }
}
