using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Subscribing;

/// <summary>Sections 3.8 and 3.9: asking for messages, and the answer to it.</summary>
public sealed class SubscribeTests(SharedBroker broker)
{
    [Theory, InlineData(1), InlineData(256), InlineData(65_535)]
    [Spec("MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-2.3.1-7", "MQTT-3.8.4-5")]
    public async Task The_answer_bears_the_id_of_the_question(int packetId)
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.Subscribe(packetId, (Unique.Topic(), 1)));

        await client.ExpectAsync([0x90, 3, (byte)(packetId >> 8), (byte)packetId, 1]);
    }

    [Fact, Spec("MQTT-3.8.4-4", "MQTT-3.8.4-5", "MQTT-3.9.3-1", "MQTT-3.9.3-2")]
    public async Task Many_filters_get_one_answer_with_a_code_for_each_in_their_order()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();

        var codes = await client.AskAsync(
            (topic + "/a", 2), (topic + "/b", 0), (topic + "/c", 1), (topic + "/+/d", 1), (topic + "/e/#", 2));

        Assert.Equal([2, 0, 1, 1, 2], codes);
        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.8.4-4")]
    public async Task Many_filters_count_each_by_itself()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.AskAsync((topic + "/a", 0), (topic + "/b", 1));

        await client.PublishAsync(topic + "/a", "a", qos: 1);
        await client.PublishAsync(topic + "/b", "b", qos: 1);

        var heard = new[] { await client.HearAsync(), await client.HearAsync() }.OrderBy(each => each.Text);
        Assert.Equal([("a", 0), ("b", 1)], heard.Select(each => (each.Text, each.QoS)));
    }

    [Fact, Spec("MQTT-3.8.4-4", "MQTT-3.8.4-3")]
    public async Task Of_the_same_filter_twice_in_a_packet_the_last_counts()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        var codes = await client.AskAsync((topic, 2), (topic, 0));
        Assert.Equal([2, 0], codes);

        await client.PublishAsync(topic, "one", qos: 1);
        await client.PublishAsync(topic, "fence", qos: 1);

        foreach (var text in new[] { "one", "fence" })
        {
            var heard = await client.HearAsync();
            Assert.Equal((text, 0), (heard.Text, heard.QoS));
        }
    }

    [Theory]
    [InlineData(0, 0), InlineData(0, 1), InlineData(0, 2), InlineData(1, 0), InlineData(1, 1), InlineData(1, 2)]
    [InlineData(2, 0), InlineData(2, 1), InlineData(2, 2), Spec("MQTT-3.8.4-6")]
    public async Task A_message_has_the_lower_of_its_own_QoS_and_that_of_the_subscription(int published, int granted)
    {
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, granted);
        await using var bob = await broker.ConnectAsync();

        await bob.PublishAsync(topic, "message", published);

        var heard = await alice.HearAsync();
        Assert.Equal(("message", Math.Min(published, granted)), (heard.Text, heard.QoS));
    }

    [Fact, Spec("MQTT-3.8.4-1")]
    public async Task What_is_published_after_SUBACK_is_heard()
    {
        for (var i = 0; i < 50; i++)
        {
            var topic = Unique.Topic();
            await using var bob = await broker.ConnectAsync();
            await using var alice = await broker.ConnectAsync();
            await alice.SubscribeAsync(topic);

            await bob.PublishAsync(topic, $"{i}");

            await alice.ExpectTextAsync($"{i}");
        }
    }

    [Fact, Spec("MQTT-3.8.4-3")]
    public async Task Subscribing_again_replaces_the_subscription()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        foreach (var qos in new[] { 0, 2, 1 })
        {
            await client.SubscribeAsync(topic + "/#", qos);
            await client.PublishAsync(topic + "/a", $"{qos}", qos: 2);

            var heard = await client.HearAsync();
            Assert.Equal(($"{qos}", qos), (heard.Text, heard.QoS));
        }

        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.8.4-3")]
    public async Task Subscribing_again_does_not_interrupt_the_flow()
    {
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 1);
        await using var bob = await broker.ConnectAsync();

        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await bob.PublishAsync(topic, $"{i}", qos: 1);
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < 10; i++)
            await alice.SubscribeAsync(topic, 1);

        for (var i = 0; i < 100; i++)
            await alice.ExpectTextAsync($"{i}");
        await publishing;
    }
}
