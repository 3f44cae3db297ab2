using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Sessions;

/// <summary>Section 4.4: what was not answered is said again, and said to be again.</summary>
public sealed class RedeliveryTests(SharedBroker broker)
{
    private readonly string _id = Unique.ClientId();
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-2.3.1-3")]
    public async Task A_message_without_an_answer_comes_again_with_DUP_and_the_same_id(int qos)
    {
        var first = (await HearSomeAndBreakOffAsync(count: 1, qos))[0];

        await using var again = await broker.ConnectAsync(_id, clean: false);

        var second = await again.HearAsync();
        Assert.False(first.Dup);
        Assert.Equal((first.PacketId, first.Text, qos, true), (second.PacketId, second.Text, second.QoS, second.Dup));
        await again.ExpectNothingAsync();
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-4.4.0-1", "MQTT-3.3.1-1")]
    public async Task It_comes_again_as_often_as_it_must(int qos)
    {
        var first = (await HearSomeAndBreakOffAsync(count: 1, qos))[0];
        for (var i = 0; i < 3; i++)
        {
            await using var again = await broker.ConnectAsync(_id, clean: false);
            var heard = await again.HearUnansweredAsync();
            Assert.Equal((first.PacketId, true), (heard.PacketId, heard.Dup));
            again.Abort();
        }

        await using var last = await broker.ConnectAsync(_id, clean: false);
        await last.ExpectTextAsync(first.Text);
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-4.6.0-1", "MQTT-4.4.0-1")]
    public async Task Many_come_again_in_their_order(int qos)
    {
        var first = await HearSomeAndBreakOffAsync(count: 10, qos);

        await using var again = await broker.ConnectAsync(_id, clean: false);

        foreach (var each in first)
        {
            var heard = await again.HearAsync();
            Assert.Equal((each.PacketId, each.Text, true), (heard.PacketId, heard.Text, heard.Dup));
        }
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-4.6.0-1", "MQTT-4.4.0-1", "MQTT-4.6.0-6")]
    public async Task Those_that_come_again_come_before_new_ones(int qos)
    {
        await HearSomeAndBreakOffAsync(count: 3, qos);
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(_topic, "new", qos);

        await using var again = await broker.ConnectAsync(_id, clean: false);

        foreach (var text in new[] { "0", "1", "2", "new" })
            await again.ExpectTextAsync(text);
    }

    [Fact, Spec("MQTT-4.4.0-1")]
    public async Task Those_that_were_answered_do_not_come_again()
    {
        await using (var alice = await broker.ConnectAsync(_id, clean: false))
        {
            await alice.SubscribeAsync(_topic, 1);
            for (var i = 0; i < 3; i++)
                await alice.PublishAsync(_topic, $"{i}", qos: 1);
            var heard = new[]
            {
                await alice.HearUnansweredAsync(), await alice.HearUnansweredAsync(), await alice.HearUnansweredAsync(),
            };
            await alice.AcknowledgeAsync(heard[1]);
            await alice.ExpectNothingAsync();
            alice.Abort();
        }

        await using var again = await broker.ConnectAsync(_id, clean: false);

        await again.ExpectTextAsync("0");
        await again.ExpectTextAsync("2");
        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.4.0-1", "MQTT-4.3.3-1", "MQTT-2.3.1-3")]
    public async Task A_PUBREL_without_an_answer_comes_again_and_its_message_does_not()
    {
        var first = (await HearSomeAndBreakOffAsync(count: 1, qos: 2, answer: async (client, heard) =>
        {
            await client.SendAsync(Packet.PubRec(heard.PacketId));
            await client.ExpectAsync(Packet.PubRel(heard.PacketId));
        }))[0];

        for (var i = 0; i < 2; i++)
        {
            await using var again = await broker.ConnectAsync(_id, clean: false);
            await again.ExpectAsync(Packet.PubRel(first.PacketId));
            if (i == 1)
                await again.SendAsync(Packet.PubComp(first.PacketId));
            await again.ExpectNothingAsync();
            again.Abort();
        }

        await using var last = await broker.ConnectAsync(_id, clean: false);
        await last.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.4.0-1", "MQTT-4.3.3-1")]
    public async Task The_client_may_answer_after_the_reconnect_what_it_heard_before()
    {
        var first = (await HearSomeAndBreakOffAsync(count: 1, qos: 2))[0];
        await using var again = await broker.ConnectAsync(_id, clean: false);
        var second = await again.HearUnansweredAsync();
        Assert.Equal(first.PacketId, second.PacketId);

        await again.AcknowledgeAsync(second);

        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.4.0-1", "MQTT-3.3.1-3")]
    public async Task Nothing_comes_again_while_the_connection_lasts()
    {
        await using var client = await broker.ConnectAsync(_id, clean: false);
        await client.SubscribeAsync(_topic, 1);
        await client.PublishAsync(_topic, "unanswered", qos: 1);
        await client.HearUnansweredAsync();

        for (var i = 0; i < 20; i++)
            await client.PublishAsync(_topic + "/other", "traffic", qos: 1);

        await client.ExpectNothingAsync();
    }

    /// <summary>
    /// Subscribes, publishes, hears, answers as told (by default not at all), and lets the network fail.
    /// </summary>
    private async Task<List<Heard>> HearSomeAndBreakOffAsync(
        int count, int qos, Func<RawClient, Heard, Task>? answer = null)
    {
        await using var alice = await broker.ConnectAsync(_id, clean: false);
        await alice.SubscribeAsync(_topic, qos);
        await using var bob = await broker.ConnectAsync();
        var heard = new List<Heard>();
        for (var i = 0; i < count; i++)
        {
            await bob.PublishAsync(_topic, $"{i}", qos);
            heard.Add(await alice.HearUnansweredAsync());
            if (answer is not null)
                await answer(alice, heard[^1]);
        }

        alice.Abort();
        return heard;
    }
}
