using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Publishing;

/// <summary>Section 4.3.1: at most once.</summary>
public sealed class QoS0Tests(SharedBroker broker)
{
    [Fact, Spec("MQTT-4.3.1-1", "MQTT-2.3.1-5", "MQTT-3.3.1-2", "MQTT-3.3.2-1")]
    public async Task A_message_of_QoS_0_is_a_topic_and_a_payload_and_nothing_else()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, 2);

        await client.PublishAsync(topic, "hello");

        await client.ExpectAsync(Packet.Publish(topic, "hello"));
    }

    [Fact, Spec("MQTT-3.3.4-1")]
    public async Task A_message_of_QoS_0_is_not_acknowledged()
    {
        await using var client = await broker.ConnectAsync();

        await client.PublishAsync(Unique.Topic(), "nobody listens");

        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.5.0-1")]
    public async Task Every_subscriber_gets_its_copy()
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        var subscribers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => broker.ConnectAsync()));
        foreach (var subscriber in subscribers)
            await subscriber.SubscribeAsync(topic);

        await bob.PublishAsync(topic, "to all");

        foreach (var subscriber in subscribers)
        {
            await subscriber.ExpectTextAsync("to all", topic);
            await subscriber.DisposeAsync();
        }
    }
}
