using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Connecting;

/// <summary>Sections 3.1.2.1 and 3.1.2.2: which protocol, and which level of it.</summary>
public sealed class ProtocolTests(SharedBroker broker)
{
    [Theory, InlineData("MQTx"), InlineData("mqtt"), InlineData("MQTTT"), InlineData("MQ"), InlineData("MQIsdP")]
    [InlineData("HTTP"), InlineData(""), Spec("MQTT-3.1.2-1")]
    public Task Another_protocol_is_not_spoken(string name) =>
        broker.ExpectClosedUponAsync(Packet.Connect(new ConnectOptions { ProtocolName = name }));

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(6), InlineData(127), InlineData(255)]
    [Spec("MQTT-3.1.2-2", "MQTT-3.2.2-4", "MQTT-3.2.2-5")]
    public async Task An_unknown_level_is_refused_with_its_own_code(int level)
    {
        await using var client = await broker.OpenAsync();

        await client.ExpectRefusalAsync(new ConnectOptions { Level = level }, returnCode: 0x01);
    }

    [Fact, Spec("MQTT-3.1.2-3", "MQTT-3.1.4-1")]
    public Task The_reserved_flag_of_CONNECT_must_be_zero() =>
        broker.ExpectClosedUponAsync(Packet.Connect(new ConnectOptions { Flags = 0x03 }));

    [Theory, InlineData(1), InlineData(2), InlineData(4), InlineData(8), InlineData(15)]
    [Spec("MQTT-2.2.2-1", "MQTT-2.2.2-2", "MQTT-3.1.4-1")]
    public async Task The_first_byte_of_CONNECT_has_no_flags(int flags)
    {
        var packet = Packet.Connect(new ConnectOptions());
        packet[0] |= (byte)flags;

        await broker.ExpectClosedUponAsync(packet);
    }

    [Fact, Spec("MQTT-3.1.4-5")]
    public async Task Nothing_that_follows_a_refused_CONNECT_is_done()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic);
        await using (var refused = await broker.OpenAsync())
        {
            await refused.SendAsync(
                Packet.Connect(new ConnectOptions { Level = 99 }),
                Packet.Publish(topic, "must not be heard", retain: true));
            await refused.ExpectAsync([0x20, 2, 0, 1]);
            await refused.ExpectClosedAsync();
        }

        await witness.PublishAsync(topic, "fence");

        await witness.ExpectTextAsync("fence");
    }
}
