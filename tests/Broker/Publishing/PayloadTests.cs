using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Publishing;

/// <summary>Section 3.3.3: any bytes, any number of them.</summary>
public sealed class PayloadTests(SharedBroker broker)
{
    /// <summary>
    /// Around each step at which the remaining length takes one byte more, and one that fills many buffers.
    /// </summary>
    public static TheoryData<int> Sizes =>
        [0, 1, 100, 116, 117, 127, 128, 4_096, 16_371, 16_372, 16_383, 16_384, 65_535, 65_536, 900_000];

    [Theory, MemberData(nameof(Sizes)), Spec("MQTT-3.3.2-3")]
    public async Task Every_byte_comes_through(int size)
    {
        var payload = new byte[size];
        new Random(size).NextBytes(payload);
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);
        await using var bob = await broker.ConnectAsync();

        for (var qos = 0; qos <= 2; qos++)
        {
            await bob.PublishAsync(topic, payload, qos);
            var heard = await alice.HearAsync();
            Assert.Equal((topic, qos, size), (heard.Topic, heard.QoS, heard.Payload.Length));
            Assert.True(payload.AsSpan().SequenceEqual(heard.Payload));
        }
    }

    [Fact, Spec("MQTT-4.7.3-3")]
    public async Task A_topic_may_have_65535_bytes()
    {
        // One level: the standard limits bytes, and lets a broker limit levels.
        var topic = Unique.Token().PadRight(65_535, 'x');
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, 1);

        await client.PublishAsync(topic, "far", qos: 1);

        await client.ExpectTextAsync("far", topic);
    }

    [Fact, Spec("MQTT-3.3.2-3")]
    public async Task A_publisher_hears_itself()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, 2);

        await client.PublishAsync(topic, "echo", qos: 2);

        await client.ExpectTextAsync("echo", topic);
    }
}
