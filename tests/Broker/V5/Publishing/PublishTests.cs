using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Publishing;

/// <summary>Section 3.3: PUBLISH and what becomes of it.</summary>
public sealed class PublishTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Theory]
    [InlineData(0, 0), InlineData(0, 2), InlineData(1, 0), InlineData(1, 1), InlineData(1, 2)]
    [InlineData(2, 0), InlineData(2, 1), InlineData(2, 2)]
    [Spec("MQTT-3.3.4-1", "MQTT-3.8.4-8", "MQTT-2.2.1-2", "MQTT-2.2.1-5", "MQTT-4.3.1-1", "MQTT-4.3.2-2", "MQTT-4.3.2-4",
        "MQTT-4.3.3-2", "MQTT-4.3.3-4", "MQTT-4.3.3-8", "MQTT-4.3.3-11", "MQTT-3.3.1-2", "MQTT-3.3.2-1", "MQTT-3.3.2-3")]
    public async Task A_message_goes_its_way_with_the_lower_QoS(int published, int subscribed)
    {
        await using var alice = await broker.Connect5Async();
        await using var bob = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, subscribed);

        await bob.PublishAsync(_topic, "hello", published);

        var heard = await alice.HearAsync();
        Assert.Equal((_topic, "hello", Math.Min(published, subscribed)), (heard.Topic, heard.Text, heard.QoS));
        Assert.False(heard.Dup);
        Assert.Empty(heard.Properties);
        await alice.ExpectNothingAsync();
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    [Spec("MQTT-3.3.2-4", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-17", "MQTT-3.3.2-18", "MQTT-3.3.2-20")]
    public async Task The_properties_of_a_message_arrive_as_they_were_said(int qos)
    {
        await using var alice = await broker.Connect5Async();
        await using var bob = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, qos);
        var said = new Props()
            .User("b", "2").Byte(Prop.PayloadFormat, 1).Text(Prop.ContentType, "text/plain").User("a", "1")
            .Text(Prop.ResponseTopic, "answers/here").Binary(Prop.CorrelationData, 0, 255, 7).User("b", "2").User("", "");

        await bob.PublishAsync(_topic, "hello", qos, properties: said);

        var heard = (await alice.HearAsync()).Properties;
        Assert.Equal([("b", "2"), ("a", "1"), ("b", "2"), ("", "")], heard.User());
        Assert.Equal(1, heard.Find(Prop.PayloadFormat)!.Number);
        Assert.Equal("text/plain", heard.Find(Prop.ContentType)!.Text);
        Assert.Equal("answers/here", heard.Find(Prop.ResponseTopic)!.Text);
        Assert.Equal([0, 255, 7], heard.Find(Prop.CorrelationData)!.Bytes);
        Assert.Equal(8, heard.Count);
    }

    [Fact, Spec("MQTT-3.3.2-4", "MQTT-3.3.2-17", "MQTT-3.3.1-5", "MQTT-3.3.1-9")]
    public async Task The_properties_of_a_retained_message_are_kept_with_it()
    {
        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync(_topic, "kept", 1, retain: true,
            new Props().Byte(Prop.PayloadFormat, 1).User("a", "1").User("a", "2"));

        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, 1);

        var heard = await alice.HearAsync();
        Assert.True(heard.Retain);
        Assert.Equal([("a", "1"), ("a", "2")], heard.Properties.User());
        Assert.Equal(1, heard.Properties.Find(Prop.PayloadFormat)!.Number);
    }

    [Fact, Spec("MQTT-3.3.1-6", "MQTT-3.3.1-7", "MQTT-3.3.1-8")]
    public async Task An_empty_message_ends_what_is_retained_and_one_without_RETAIN_does_not()
    {
        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync(_topic, "kept", 1, retain: true);
        await bob.PublishAsync(_topic, "passing", 1);
        await using (var alice = await broker.Connect5Async())
        {
            await alice.SubscribeAsync(_topic, 1);
            await alice.ExpectTextAsync("kept");
        }

        await bob.PublishAsync(_topic, "", 1, retain: true);

        await using var late = await broker.Connect5Async();
        await late.SubscribeAsync(_topic, 1);
        await late.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.3.1-4", "MQTT-4.13.1-1")]
    public Task QoS_3_is_malformed() => broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0x36, 0, 1, (byte)'t', 0, 1, 0));

    [Fact, Spec("MQTT-3.3.1-2")]
    public Task DUP_with_QoS_0_is_malformed() =>
        broker.ExpectGoodbyeUponAsync(0x81, Packet.Publish(_topic, "", dup: true, properties: new Props()));

    [Fact, Spec("MQTT-3.3.2-2", "MQTT-4.7.0-1")]
    public async Task A_topic_with_a_wildcard_is_not_valid()
    {
        foreach (var topic in new[] { "#", "a/+", "+", "a#", "a/#/b" })
            await broker.ExpectGoodbyeUponAsync(0x90, Packet.Publish(topic, "", properties: new Props()));
    }

    [Fact, Spec("MQTT-4.7.3-1")]
    public Task A_topic_is_not_empty_without_an_alias() =>
        broker.ExpectGoodbyeUponAsync(0x82, Packet.Publish("", "", properties: new Props()));

    [Fact, Spec("MQTT-3.3.2-1", "MQTT-4.7.3-2", "MQTT-1.5.4-1")]
    public async Task A_topic_must_be_UTF8_without_nulls()
    {
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0x30, 0, 1, 0xFF, 0));
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0x30, 0, 2, (byte)'a', 0, 0));
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0x30, 0, 9, (byte)'a'));
    }

    [Fact]
    public async Task A_packet_id_is_never_zero()
    {
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Publish(_topic, "", qos: 1, packetId: 0, properties: new Props()));
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Publish(_topic, "", qos: 2, packetId: 0, properties: new Props()));
    }

    [Fact, Spec("MQTT-2.2.2-1")]
    public Task A_PUBLISH_without_the_length_of_its_properties_is_malformed() =>
        broker.ExpectGoodbyeUponAsync(0x81, Packet.Publish(_topic, ""));

    [Fact, Spec("MQTT-4.6.0-5", "MQTT-4.6.0-6", "MQTT-4.6.0-2", "MQTT-4.6.0-3")]
    public async Task Messages_and_their_answers_come_in_order()
    {
        const int Count = 200;
        await using var alice = await broker.Connect5Async();
        await using var bob = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, 2);

        var packets = Enumerable.Range(1, Count).Select(id =>
            Packet.Publish(_topic, $"{id}", qos: 1 + (id % 2), id, properties: new Props()));
        await bob.SendAsync([.. packets]);
        for (var id = 1; id <= Count; id++)
            Assert.Equal((id % 2 == 0 ? RawType.PubAck : RawType.PubRec, id), await AnswerAsync(bob));

        var heard = new List<Heard>();
        while (heard.Count < Count)
            heard.Add(await alice.HearAsync());
        foreach (var qos in new[] { 1, 2 })
        {
            var texts = heard.Where(each => each.QoS == qos).Select(each => int.Parse(each.Text));
            Assert.Equal(texts.Order(), texts);
        }
    }

    private static async Task<(RawType, int)> AnswerAsync(RawClient client)
    {
        var answer = await client.ReceiveAsync();
        return (answer.Type, answer.PacketId);
    }
}
