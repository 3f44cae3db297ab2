using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Subscribing;

/// <summary>Sections 3.10 and 3.11: no more of it.</summary>
public sealed class UnsubscribeTests(SharedBroker broker)
{
    [Theory, InlineData(1), InlineData(256), InlineData(65_535)]
    [Spec("MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-2.3.1-7")]
    public async Task Even_an_UNSUBSCRIBE_of_nothing_is_answered_with_its_id(int packetId)
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.Unsubscribe(packetId, Unique.Topic()));

        await client.ExpectAsync([0xB0, 2, (byte)(packetId >> 8), (byte)packetId]);
    }

    [Fact, Spec("MQTT-3.10.4-2", "MQTT-3.10.4-1")]
    public async Task What_is_published_after_UNSUBACK_is_not_heard()
    {
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.AskAsync((topic + "/a", 1), (topic + "/b", 1));
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(topic + "/a", "before", qos: 1);
        await alice.ExpectTextAsync("before");

        await alice.UnsubscribeAsync(topic + "/a");
        await bob.PublishAsync(topic + "/a", "after", qos: 1);
        await bob.PublishAsync(topic + "/b", "fence", qos: 1);

        await alice.ExpectTextAsync("fence");
    }

    [Theory, InlineData("/+"), InlineData("/#"), InlineData("/A"), InlineData("/a/"), InlineData("")]
    [InlineData("/a/#")]
    [Spec("MQTT-3.10.4-1")]
    public async Task Filters_are_compared_character_by_character(string almost)
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic + "/a");

        await client.UnsubscribeAsync(topic + almost);
        await client.PublishAsync(topic + "/a", "still subscribed");

        await client.ExpectTextAsync("still subscribed");
    }

    [Theory, InlineData("/+"), InlineData("/#"), InlineData("/+/#"), InlineData("/a/+/b"), Spec("MQTT-3.10.4-1")]
    public async Task A_filter_with_wildcards_is_found_by_its_very_characters(string filter)
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.AskAsync((topic + filter, 0), (topic + "/fence", 0));

        await client.UnsubscribeAsync(topic + filter);
        await client.PublishAsync(topic + "/a", "gone");
        await client.PublishAsync(topic + "/a/x/b", "gone");
        await client.PublishAsync(topic + "/fence", "fence");

        await client.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-3.10.4-6")]
    public async Task Many_filters_get_one_answer()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.AskAsync((topic + "/a", 0), (topic + "/b", 0), (topic + "/c", 0));

        await client.UnsubscribeAsync(topic + "/a", topic + "/unknown", topic + "/b");
        await client.PublishAsync(topic + "/a", "gone");
        await client.PublishAsync(topic + "/b", "gone");
        await client.PublishAsync(topic + "/c", "stays");

        await client.ExpectTextAsync("stays");
        await client.ExpectNothingAsync();
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.10.4-3")]
    public async Task A_delivery_that_has_begun_is_brought_to_its_end(int qos)
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, qos);
        await client.PublishAsync(topic, "begun", qos);
        var heard = await client.HearUnansweredAsync();

        await client.UnsubscribeAsync(topic);

        await client.AcknowledgeAsync(heard);
        await client.ExpectNothingAsync();
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.10.4-3", "MQTT-4.4.0-1")]
    public async Task A_delivery_that_has_begun_outlives_subscription_and_connection(int qos)
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        Heard first;
        await using (var client = await broker.ConnectAsync(id, clean: false))
        {
            await client.SubscribeAsync(topic, qos);
            await client.PublishAsync(topic, "begun", qos);
            first = await client.HearUnansweredAsync();
            await client.UnsubscribeAsync(topic);
            client.Abort();
        }

        await using var again = await broker.ConnectAsync(id, clean: false);

        var second = await again.HearAsync();
        Assert.Equal(("begun", first.PacketId, true), (second.Text, second.PacketId, second.Dup));
    }

    [Fact, Spec("MQTT-3.10.4-1", "MQTT-3.1.2-5")]
    public async Task A_subscription_that_ended_is_not_remembered_by_the_session()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using (var client = await broker.ConnectAsync(id, clean: false))
        {
            await client.AskAsync((topic + "/gone", 1), (topic + "/kept", 1));
            await client.UnsubscribeAsync(topic + "/gone");
            await client.DisconnectAsync();
        }

        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(topic + "/gone", "gone", qos: 1);
        await bob.PublishAsync(topic + "/kept", "kept", qos: 1);

        await using var again = await broker.ConnectAsync(id, clean: false);
        await again.ExpectTextAsync("kept");
        await again.ExpectNothingAsync();
    }
}
