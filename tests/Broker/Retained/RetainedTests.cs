using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Retained;

/// <summary>Section 3.3.1.3: the last word on a topic.</summary>
public sealed class RetainedTests(SharedBroker broker)
{
    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-8")]
    public async Task A_new_subscriber_gets_it_with_its_QoS_and_with_RETAIN(int qos)
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(topic, "kept", qos, retain: true);
        await bob.PublishAsync(topic + "/fence", "", qos: 1); // what was said before has been stored before

        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);

        var heard = await alice.HearAsync();
        Assert.Equal((topic, "kept", qos, true, false), (heard.Topic, heard.Text, heard.QoS, heard.Retain, heard.Dup));
    }

    [Theory, InlineData(0, 1), InlineData(1, 2), InlineData(2, 0), InlineData(2, 1), InlineData(1, 0)]
    [Spec("MQTT-3.3.1-5", "MQTT-3.8.4-6")]
    public async Task It_has_no_more_than_the_QoS_of_the_subscription(int published, int granted)
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic, "kept", published, retain: true);

        await client.SubscribeAsync(topic, granted);

        Assert.Equal(Math.Min(published, granted), (await client.HearAsync()).QoS);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.3.1-9")]
    public async Task Who_was_subscribed_already_gets_it_without_RETAIN(int qos)
    {
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);
        await using var bob = await broker.ConnectAsync();

        await bob.PublishAsync(topic, "news", qos, retain: true);

        var heard = await alice.HearAsync();
        Assert.Equal(("news", qos, false), (heard.Text, heard.QoS, heard.Retain));
    }

    [Theory, InlineData(1, 2), InlineData(2, 1), InlineData(0, 2), Spec("MQTT-3.3.1-5", "MQTT-3.3.1-6")]
    public async Task Only_the_last_one_is_kept(int first, int second)
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(topic, "old", first, retain: true);
        await bob.PublishAsync(topic, "new", second, retain: true);

        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);

        var heard = await alice.HearAsync();
        Assert.Equal(("new", second), (heard.Text, heard.QoS));
        await alice.ExpectNothingAsync();
    }

    /// <summary>
    /// The standard lets a server forget a retained message of QoS 0; ours keeps it. The old one goes in any case.
    /// </summary>
    [Fact, Spec("MQTT-3.3.1-7")]
    public async Task One_of_QoS_0_replaces_one_of_QoS_1_and_is_kept()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic, "old", qos: 1, retain: true);
        await client.PublishAsync(topic, "new", qos: 0, retain: true);

        await client.SubscribeAsync(topic, 1);

        await client.ExpectTextAsync("new");
        await client.ExpectNothingAsync();
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.3.1-10", "MQTT-3.3.1-11", "MQTT-3.3.1-6")]
    public async Task An_empty_one_removes_it(int qos)
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic, "kept", qos: 1, retain: true);
        await client.PublishAsync(topic, "", qos, retain: true);

        await client.SubscribeAsync(topic, 2);
        await client.PublishAsync(topic, "fence");

        await client.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-3.3.1-10", "MQTT-3.3.1-9")]
    public async Task An_empty_one_is_a_message_to_those_who_are_subscribed()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, 1);

        await client.PublishAsync(topic, "", qos: 1, retain: true);

        var heard = await client.HearAsync();
        Assert.Equal((topic, "", false), (heard.Topic, heard.Text, heard.Retain));
    }

    [Fact, Spec("MQTT-3.3.1-11")]
    public async Task An_empty_one_is_never_kept()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic, "", qos: 1, retain: true);

        await client.SubscribeAsync(topic, 1);
        await client.PublishAsync(topic, "fence", qos: 1);

        await client.ExpectTextAsync("fence");
    }

    [Theory, InlineData("other"), InlineData(""), Spec("MQTT-3.3.1-12")]
    public async Task A_message_without_RETAIN_neither_replaces_nor_removes_it(string other)
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic, "kept", qos: 1, retain: true);
        await client.PublishAsync(topic, other, qos: 1);

        await client.SubscribeAsync(topic, 1);

        await client.ExpectTextAsync("kept");
        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.3.1-12")]
    public async Task A_message_without_RETAIN_is_not_kept()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic, "passing", qos: 1);

        await client.SubscribeAsync(topic, 1);

        await client.ExpectNothingAsync();
    }
}
