using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Malformed;

/// <summary>Chapter 3: what a packet holds must be whole, and must be of its kind.</summary>
public sealed class BodyTests(SharedBroker broker)
{
    [Fact, Spec("MQTT-2.3.1-1", "MQTT-4.8.0-1")]
    public async Task A_packet_id_is_never_zero()
    {
        var topic = Unique.Topic();

        await broker.ExpectClosedInSessionUponAsync(Packet.Publish(topic, "x", qos: 1, packetId: 0));
        await broker.ExpectClosedInSessionUponAsync(Packet.Publish(topic, "x", qos: 2, packetId: 0));
        await broker.ExpectClosedInSessionUponAsync(Packet.Subscribe(0, (topic, 0)));
        await broker.ExpectClosedInSessionUponAsync(Packet.Unsubscribe(0, topic));
    }

    [Theory, InlineData(0x36), InlineData(0x37), InlineData(0x3E), InlineData(0x3F), Spec("MQTT-3.3.1-4")]
    public Task A_PUBLISH_of_QoS_3_closes_the_connection(int header) =>
        broker.ExpectClosedInSessionUponAsync(Packet.Of(header, 0, 1, (byte)'a', 0, 1, (byte)'x'));

    [Fact, Spec("MQTT-3.3.1-2", "MQTT-4.8.0-1")]
    public Task A_PUBLISH_of_QoS_0_is_never_a_duplicate()
    {
        TestBroker.MosquittoDiffers("2.0.11 lets it pass");
        return broker.ExpectClosedInSessionUponAsync(Packet.Publish(Unique.Topic(), "x", dup: true));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(4), Spec("MQTT-3.3.2-1", "MQTT-4.8.0-1")]
    public Task A_PUBLISH_without_a_whole_topic_is_malformed(int length) =>
        broker.ExpectClosedInSessionUponAsync(Packet.Of(0x30, new byte[] { 0, 3, 0x61, 0x62 }[..length]));

    [Theory, InlineData(0x32), InlineData(0x34), Spec("MQTT-2.3.1-1", "MQTT-4.8.0-1")]
    public async Task A_PUBLISH_without_a_whole_packet_id_is_malformed(int header)
    {
        await broker.ExpectClosedInSessionUponAsync(Packet.Of(header, 0, 1, 0x61));
        await broker.ExpectClosedInSessionUponAsync(Packet.Of(header, 0, 1, 0x61, 1));
    }

    [Theory, InlineData(0x40), InlineData(0x50), InlineData(0x62), InlineData(0x70), Spec("MQTT-4.8.0-1")]
    public async Task An_acknowledgement_without_a_whole_packet_id_is_malformed(int header)
    {
        await broker.ExpectClosedInSessionUponAsync(Packet.Of(header));
        await broker.ExpectClosedInSessionUponAsync(Packet.Of(header, 1));
    }

    [Theory, InlineData(0x40), InlineData(0x50), InlineData(0x62), InlineData(0x70), Spec("MQTT-4.8.0-1")]
    public Task An_acknowledgement_holds_a_packet_id_and_nothing_else(int header)
    {
        TestBroker.MosquittoDiffers("2.0.11 does not look at what follows");
        return broker.ExpectClosedInSessionUponAsync(Packet.Of(header, 0, 1, 0));
    }

    [Theory, InlineData(0xC0), InlineData(0xE0), Spec("MQTT-4.8.0-1")]
    public async Task PINGREQ_and_DISCONNECT_hold_nothing(int header)
    {
        if (header == 0xC0)
            TestBroker.MosquittoDiffers("2.0.11 does not look at what follows in a PINGREQ");
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic);
        await using var client = await broker.ConnectAsync(will: new Will(topic, "malformed"));

        await client.SendAsync(Packet.Of(header, 0));

        await client.ExpectClosedAsync();
        await witness.ExpectTextAsync("malformed");
    }

    [Fact, Spec("MQTT-3.8.3-3", "MQTT-4.8.0-1")]
    public Task A_SUBSCRIBE_wants_a_filter() => broker.ExpectClosedInSessionUponAsync(Packet.Subscribe(1));

    [Fact, Spec("MQTT-3.10.3-2", "MQTT-4.8.0-1")]
    public Task An_UNSUBSCRIBE_wants_a_filter() => broker.ExpectClosedInSessionUponAsync(Packet.Unsubscribe(1));

    [Theory, InlineData(0x03), InlineData(0x04), InlineData(0x08), InlineData(0x11), InlineData(0x80), InlineData(0xFF)]
    [Spec("MQTT-3.8.3-4")]
    public Task The_QoS_byte_of_a_SUBSCRIBE_is_0_1_or_2(int qos) =>
        broker.ExpectClosedInSessionUponAsync(Packet.Subscribe(1, ("a", qos)));

    [Theory, InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(7), InlineData(9)]
    [Spec("MQTT-4.8.0-1")]
    public Task A_SUBSCRIBE_that_ends_too_early_is_malformed(int length)
    {
        byte[] body = [0, 1, 0, 1, (byte)'a', 0, 0, 1, (byte)'b', 0];
        return broker.ExpectClosedInSessionUponAsync(Packet.Of(0x82, body[..length]));
    }

    [Theory, InlineData(1), InlineData(3), InlineData(4), InlineData(6), InlineData(7), Spec("MQTT-4.8.0-1")]
    public Task An_UNSUBSCRIBE_that_ends_too_early_is_malformed(int length)
    {
        byte[] body = [0, 1, 0, 1, (byte)'a', 0, 1, (byte)'b'];
        return broker.ExpectClosedInSessionUponAsync(Packet.Of(0xA2, body[..length]));
    }

    /// <summary>One wrong filter, and none of them counts: the packet is malformed as a whole.</summary>
    [Fact, Spec("MQTT-3.8.3-4", "MQTT-4.8.0-1")]
    public async Task A_malformed_SUBSCRIBE_subscribes_to_nothing()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        TestBroker.MosquittoDiffers("2.0.11 subscribes while it reads");
        await using (var client = await broker.ConnectAsync(id, clean: false))
        {
            await client.SendAsync(Packet.Subscribe(1, (topic, 0), ("b", 3)));
            await client.ExpectClosedAsync();
        }

        await using var again = await broker.ConnectAsync(id, clean: false);
        await again.PublishAsync(topic, "nobody hears", qos: 1);
        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.8.0-1")]
    public async Task What_was_said_before_a_violation_counts_and_what_follows_does_not()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic, 1);
        await using (var client = await broker.ConnectAsync())
        {
            await client.SendAsync(
                Packet.Publish(topic, "before", qos: 1, packetId: 1), Packet.Of(0xF0), Packet.Publish(topic, "after"));
            await client.DrainAsync();
        }

        await witness.PublishAsync(topic, "fence", qos: 1);

        await witness.ExpectTextAsync("before");
        await witness.ExpectTextAsync("fence");
    }
}
