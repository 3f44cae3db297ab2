using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5;

/// <summary>A message goes its way between clients of MQTT 5, and between them and older ones.</summary>
public sealed class SmokeTests(SharedBroker broker)
{
    [Theory]
    [InlineData(0), InlineData(1), InlineData(2)]
    public async Task A_message_goes_its_way(int qos)
    {
        var topic = Unique.Topic();
        await using var alice = await broker.Connect5Async();
        await using var bob = await broker.Connect5Async();
        await alice.SubscribeAsync(topic, qos);

        await bob.PublishAsync(topic, "hello", qos, properties: new Props().User("a", "1"));

        var heard = await alice.HearAsync();
        Assert.Equal((topic, "hello", qos), (heard.Topic, heard.Text, heard.QoS));
        Assert.Equal([("a", "1")], heard.Properties.User());
        await alice.UnsubscribeAsync(topic);
        await alice.DisconnectAsync();
    }
}
