using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Malformed;

/// <summary>Section 4.2: TCP keeps the order of bytes and nothing else.</summary>
public sealed class FramingTests(SharedBroker broker)
{
    [Fact, Spec("MQTT-4.2.0-1", "MQTT-7.1.1-1")]
    public async Task Packets_may_come_byte_by_byte()
    {
        var topic = Unique.Topic();
        byte[] conversation =
        [
            .. Packet.Connect(new ConnectOptions()),
            .. Packet.Subscribe(1, (topic, 1)),
            .. Packet.Publish(topic, "in crumbs", qos: 1, packetId: 2),
        ];
        await using var client = await broker.OpenAsync();

        foreach (var each in conversation)
            await client.SendAsync([each]);

        await client.ExpectAsync([0x20, 2, 0, 0]);
        await client.ExpectAsync([0x90, 3, 0, 1, 1]);
        await client.AnswerAsync(RawType.PubAck, 2);
        await client.ExpectTextAsync("in crumbs");
    }

    [Fact, Spec("MQTT-4.2.0-1")]
    public async Task Many_packets_may_come_at_once()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic);

        await client.SendAsync([.. Enumerable.Range(0, 500).Select(i => Packet.Publish(topic, $"{i}"))]);

        for (var i = 0; i < 500; i++)
            await client.ExpectTextAsync($"{i}");
    }

    [Fact, Spec("MQTT-3.1.0-1")]
    public async Task Half_a_packet_and_then_the_end_harms_nobody()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic);
        await using (var client = await broker.ConnectAsync())
        {
            var packet = Packet.Publish(topic, "never complete");
            await client.SendAsync(packet[..^1]);
        }

        await witness.PublishAsync(topic, "fence");

        await witness.ExpectTextAsync("fence");
    }
}
