using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Subscribing;

/// <summary>Section 3.8.3.1: No Local, Retain As Published and Retain Handling, live and out of a queue.</summary>
public sealed class OptionTests(SharedBroker broker)
{
    private const int NoLocal = 0x04, AsPublished = 0x08, IfNew = 0x10, DoNotSend = 0x20;

    private static readonly Props Lasting = new Props().Int(Prop.SessionExpiry, 60);

    private readonly string _topic = Unique.Topic();

    [Theory]
    [InlineData(0u, 0), InlineData(0u, 1), InlineData(0u, 2), InlineData(60u, 0), InlineData(60u, 1), InlineData(60u, 2)]
    [Spec("MQTT-3.8.3-3")]
    public async Task No_Local_keeps_a_client_from_hearing_itself(uint sessionExpiry, int qos)
    {
        await using var alice = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));
        await alice.SubscribeAsync(new Props(), (_topic, qos | NoLocal));
        await using var bob = await broker.Connect5Async();

        await alice.PublishAsync(_topic, "own", qos);
        await bob.PublishAsync(_topic, "other", qos);

        await alice.ExpectTextAsync("other");
        await alice.ExpectNothingAsync();
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-3.8.3-3", "MQTT-3.3.4-2", "MQTT-3.3.4-4")]
    public async Task Its_own_messages_a_client_hears_through_its_other_subscriptions(uint sessionExpiry)
    {
        await using var alice = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));
        await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 1), ($"{_topic}/#", 2 | NoLocal));
        await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 2), ($"{_topic}/+", 0));
        await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 3), ($"{_topic}/b", 1));
        await using var bob = await broker.Connect5Async();

        foreach (var (client, level, qos, identifiers) in new[]
        {
            (alice, "a", 0, new long[] { 2 }), (alice, "b", 1, [2, 3]), (bob, "a", 2, [1, 2]), (bob, "b", 2, [1, 2, 3]),
        })
        {
            await client.PublishAsync($"{_topic}/{level}", "hello", 2);
            var heard = await alice.HearAsync();
            Assert.Equal(qos, heard.QoS);
            Assert.Equal(identifiers, heard.Properties.Numbers(Prop.SubscriptionId));
        }

        await alice.ExpectNothingAsync();
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-3.8.3-3")]
    public async Task No_Local_holds_for_what_is_retained(uint sessionExpiry)
    {
        await using var alice = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));
        await using var bob = await broker.Connect5Async();
        await alice.PublishAsync($"{_topic}/a", "own", 1, retain: true);
        await bob.PublishAsync($"{_topic}/b", "other", 1, retain: true);

        await alice.SubscribeAsync(new Props(), ($"{_topic}/#", 1 | NoLocal));

        await alice.ExpectTextAsync("other");
        await alice.ExpectNothingAsync();
    }

    [Theory]
    [InlineData(0u, 0), InlineData(0u, 1), InlineData(60u, 1), InlineData(60u, 2)]
    [Spec("MQTT-3.3.1-12", "MQTT-3.3.1-13")]
    public async Task RETAIN_is_kept_where_it_is_wanted(uint sessionExpiry, int qos)
    {
        var lasting = new Props().Int(Prop.SessionExpiry, sessionExpiry);
        await using var plain = await broker.Connect5Async(lasting);
        await using var keeping = await broker.Connect5Async(lasting);
        await plain.SubscribeAsync(new Props(), (_topic, qos));
        await keeping.SubscribeAsync(new Props(), (_topic, qos | AsPublished));
        await using var bob = await broker.Connect5Async();

        await bob.PublishAsync(_topic, "retained", qos, retain: true);
        await bob.PublishAsync(_topic, "not", qos);

        Assert.Equal(("retained", false), Told(await plain.HearAsync()));
        Assert.Equal(("retained", true), Told(await keeping.HearAsync()));
        Assert.Equal(("not", false), Told(await plain.HearAsync()));
        Assert.Equal(("not", false), Told(await keeping.HearAsync()));
    }

    [Fact, Spec("MQTT-3.3.1-13", "MQTT-3.3.4-4", "MQTT-3.1.2-23")]
    public async Task What_waited_for_a_session_has_its_RETAIN_and_its_subscription_identifiers()
    {
        var id = Unique.ClientId();
        await using (var alice = await broker.Connect5Async(Lasting, id))
        {
            await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 1), ($"{_topic}/#", 1 | AsPublished));
            await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 200), ($"{_topic}/+", 2));
            await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 70_000), ($"{_topic}/c", 2));
            await alice.DisconnectAsync();
        }

        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync($"{_topic}/a/b", "deep", 2, retain: true);
        await bob.PublishAsync($"{_topic}/c", "flat", 2);

        await using var again = await broker.Connect5Async(Lasting, id, clean: false);
        var (deep, flat) = (await again.HearAsync(), await again.HearAsync());
        Assert.Equal(("deep", true, 1), (deep.Text, deep.Retain, deep.QoS));
        Assert.Equal([1], deep.Properties.Numbers(Prop.SubscriptionId));
        Assert.Equal(("flat", false, 2), (flat.Text, flat.Retain, flat.QoS));
        Assert.Equal([1, 200, 70_000], flat.Properties.Numbers(Prop.SubscriptionId));
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-3.3.1-9", "MQTT-3.8.4-4")]
    public async Task Retained_messages_are_sent_again_with_each_SUBSCRIBE(uint sessionExpiry)
    {
        await using var alice = await ConnectAsync(sessionExpiry);
        for (var i = 0; i < 2; i++)
        {
            await alice.SubscribeAsync(new Props(), (_topic, 1));
            await alice.ExpectTextAsync("kept");
        }
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-3.3.1-10")]
    public async Task Retained_messages_are_sent_to_a_new_subscription_only_where_that_is_wanted(uint sessionExpiry)
    {
        await using var alice = await ConnectAsync(sessionExpiry);
        await alice.SubscribeAsync(new Props(), (_topic, 1 | IfNew));
        await alice.ExpectTextAsync("kept");

        await alice.SubscribeAsync(new Props(), (_topic, 1 | IfNew));
        await alice.ExpectNothingAsync();

        await alice.UnsubscribeAsync(_topic);
        await alice.SubscribeAsync(new Props(), (_topic, 1 | IfNew));
        await alice.ExpectTextAsync("kept");
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-3.3.1-11")]
    public async Task Retained_messages_are_not_sent_where_they_are_not_wanted(uint sessionExpiry)
    {
        await using var alice = await ConnectAsync(sessionExpiry);
        await alice.SubscribeAsync(new Props(), (_topic, 1 | DoNotSend));
        await alice.PublishAsync(_topic, "live", 1);
        await alice.ExpectTextAsync("live");
    }

    [Theory, InlineData(0u, 0), InlineData(0u, 1), InlineData(60u, 0), InlineData(60u, 1), Spec("MQTT-3.3.4-3")]
    public async Task A_retained_message_names_the_subscription_that_called_for_it(uint sessionExpiry, int qos)
    {
        await using var alice = await ConnectAsync(sessionExpiry);
        await alice.SubscribeAsync(
            new Props().VarInt(Prop.SubscriptionId, 1), ($"{_topic}/#", qos | DoNotSend));
        await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 300), (_topic, qos));

        var heard = await alice.HearAsync();
        Assert.True(heard.Retain);
        Assert.Equal([300], heard.Properties.Numbers(Prop.SubscriptionId));
    }

    [Fact, Spec("MQTT-3.3.4-3", "MQTT-3.3.4-4")]
    public async Task What_waits_for_room_keeps_its_subscription_identifiers()
    {
        await using var alice = await broker.Connect5Async(new Props().Short(Prop.ReceiveMaximum, 1));
        await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 5), (_topic, 1));
        await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 6), ($"{_topic}/#", 1));
        await using var bob = await broker.Connect5Async();
        for (var i = 0; i < 3; i++)
            await bob.PublishAsync(_topic, $"{i}", 1, properties: new Props().User("n", $"{i}"));

        for (var i = 0; i < 3; i++)
        {
            var heard = await alice.HearAsync();
            Assert.Equal($"{i}", heard.Text);
            Assert.Equal([5, 6], heard.Properties.Numbers(Prop.SubscriptionId));
            Assert.Equal([("n", $"{i}")], heard.Properties.User());
        }
    }

    [Fact, Spec("MQTT-3.3.4-6")]
    public Task A_client_names_no_subscription_in_a_PUBLISH() => broker.ExpectGoodbyeUponAsync(
        0x82, Packet.Publish(_topic, "", properties: new Props().VarInt(Prop.SubscriptionId, 1)));

    private async Task<RawClient> ConnectAsync(uint sessionExpiry)
    {
        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync(_topic, "kept", 1, retain: true);
        return await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));
    }

    private static (string, bool) Told(Heard heard) => (heard.Text, heard.Retain);
}
