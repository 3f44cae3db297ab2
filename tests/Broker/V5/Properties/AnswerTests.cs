using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Properties;

/// <summary>What the broker puts into its answers: nothing that would have to be left out.</summary>
public sealed class AnswerTests(SharedBroker broker)
{
    [Theory, InlineData(null), InlineData(24)]
    [Spec("MQTT-3.2.2-20", "MQTT-3.4.2-3", "MQTT-3.5.2-3", "MQTT-3.7.2-3")]
    public async Task No_answer_to_a_publisher_has_user_properties_and_each_fits(int? limit)
    {
        var topic = Unique.Topic();
        await using var client = await broker.Connect5Async(limit is { } size ? new Props().Int(Prop.MaximumPacketSize, (uint)size) : null);
        Assert.False(client.Welcome.Has(Prop.User));

        await client.SendAsync(
            Packet.Publish(topic, "x", 1, 1, properties: new Props()), Packet.Publish(topic, "x", 2, 2, properties: new Props()));
        await ExpectAsync(client, RawType.PubAck, limit);
        await ExpectAsync(client, RawType.PubRec, limit);
        await client.SendAsync(Packet.PubRel(2));
        await ExpectAsync(client, RawType.PubComp, limit);
        await client.SendAsync(Packet.PubRel(3)); // nothing is under way with it
        Assert.Equal(0x92, (await ExpectAsync(client, RawType.PubComp, limit)).Reason);
    }

    [Theory, InlineData(null), InlineData(24)]
    [Spec("MQTT-3.6.2-3", "MQTT-3.9.2-2", "MQTT-3.11.2-1", "MQTT-3.11.2-2", "MQTT-3.14.2-4")]
    public async Task Nor_has_one_to_a_subscriber(int? limit)
    {
        var topic = Unique.Topic();
        await using var client = await broker.Connect5Async(limit is { } size ? new Props().Int(Prop.MaximumPacketSize, (uint)size) : null);
        await client.SendAsync(Packet.Subscribe(4, new Props(), (topic, 2), (topic + "/x", 0)));
        await ExpectAsync(client, RawType.SubAck, limit);

        await client.SendAsync(Packet.Publish(topic, "x", 2, 5, properties: new Props()), Packet.PubRel(5));
        await ExpectAsync(client, RawType.PubRec, limit);
        await ExpectAsync(client, RawType.PubComp, limit);
        var heard = Heard.From(await ExpectAsync(client, RawType.Publish, limit), isVersion5: true);
        await client.SendAsync(Packet.PubRec(heard.PacketId));
        await ExpectAsync(client, RawType.PubRel, limit);
        await client.SendAsync(Packet.PubComp(heard.PacketId));

        await client.SendAsync(Packet.Unsubscribe(6, new Props(), topic, topic + "/y"));
        var ended = await ExpectAsync(client, RawType.UnsubAck, limit);
        Assert.Equal([0, 0x11], ended.Reasons);
        Assert.Empty(ended.Properties);

        await client.SendAsync(Packet.Of(0x36, 0, 0)); // QoS 3
        Assert.Equal(0x81, (await ExpectAsync(client, RawType.Disconnect, limit)).Reason);
    }

    private static async Task<RawPacket> ExpectAsync(RawClient client, RawType type, int? limit)
    {
        var packet = await client.AnyAsync(type);
        Assert.InRange(packet.Body.Length + 2, 0, limit ?? int.MaxValue);
        if (type is not RawType.Publish)
            Assert.False(packet.Properties.Has(Prop.User));
        return packet;
    }
}
