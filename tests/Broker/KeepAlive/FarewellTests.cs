using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.KeepAlive;

/// <summary>Section 3.14: the end that is meant.</summary>
public sealed class FarewellTests(SharedBroker broker)
{
    [Fact, Spec("MQTT-3.14.4-1")]
    public async Task The_broker_hangs_up_after_DISCONNECT_if_the_client_does_not()
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.Disconnect);

        await client.ExpectClosedAsync();
    }

    [Fact, Spec("MQTT-3.14.4-2")]
    public async Task Nothing_is_heard_of_what_a_client_says_after_DISCONNECT()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic);
        await using (var client = await broker.ConnectAsync())
        {
            await client.SendAsync(Packet.Publish(topic, "last"), Packet.Disconnect, Packet.Publish(topic, "too late"));
            await client.ExpectClosedAsync();
        }

        await witness.PublishAsync(topic, "fence");

        await witness.ExpectTextAsync("last");
        await witness.ExpectTextAsync("fence");
    }
}
