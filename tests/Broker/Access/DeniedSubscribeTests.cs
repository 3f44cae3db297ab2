using MQTTnet;
using Orleans.Mqtt.Tests.Broker.Interop;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Access;

/// <summary>Section 3.9.3: the return code that says no.</summary>
[Collection(nameof(DenyingBroker))]
public sealed class DeniedSubscribeTests
{
    private readonly DenyingBroker _broker;
    private readonly string _topic = Unique.Topic();

    public DeniedSubscribeTests(DenyingBroker broker)
    {
        TestBroker.MosquittoDiffers("the access file of 2.0.11 has no say in subscriptions");
        _broker = broker;
    }

    [Fact, Spec("MQTT-3.8.4-5", "MQTT-3.9.3-1", "MQTT-3.9.3-2", "MQTT-3.8.4-4")]
    public async Task A_filter_that_is_denied_gets_0x80_in_its_place()
    {
        await using var client = await _broker.ConnectAsync();

        var codes = await client.AskAsync(
            (_topic + "/a", 1), ("denied/" + _topic, 2), ("denied/#", 0), (_topic + "/b", 0));

        Assert.Equal([1, 0x80, 0x80, 0], codes);
        await client.PublishAsync(_topic + "/a", "still here");
        await client.ExpectTextAsync("still here");
    }

    [Fact]
    public async Task Other_clients_understand_it()
    {
        await using var client = await OtherClient.ConnectAsync(_broker.Port);

        var codes = await client.SubscribeAsync((_topic, 1), ("denied/" + _topic, 1));

        Assert.Equal(
            [MqttClientSubscribeResultCode.GrantedQoS1, MqttClientSubscribeResultCode.UnspecifiedError], codes);
    }
}
