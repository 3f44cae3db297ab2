using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Sessions;

/// <summary>Section 3.1.3.2: last words with properties.</summary>
public sealed class WillTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    [Spec("MQTT-3.1.3-10", "MQTT-3.1.2-7", "MQTT-3.1.2-8", "MQTT-3.1.2-9", "MQTT-3.1.2-12", "MQTT-3.1.2-14", "MQTT-3.1.3-1")]
    public async Task A_will_is_published_with_all_its_properties_in_order(int qos)
    {
        await using var alice = await broker.Connect5Async();
        await using var old = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, qos);
        await old.SubscribeAsync(_topic, qos);
        var properties = new Props()
            .User("b", "2").Byte(Prop.PayloadFormat, 1).User("a", "1").Text(Prop.ContentType, "text/plain")
            .Text(Prop.ResponseTopic, "answers").Binary(Prop.CorrelationData, 1, 2).User("b", "2");
        await using var client = await broker.Connect5Async(will: new Will(_topic, "gone", qos) { Properties = properties });

        client.Abort();

        var heard = await alice.HearAsync();
        Assert.Equal((_topic, "gone", qos, false), (heard.Topic, heard.Text, heard.QoS, heard.Retain));
        Assert.Equal([("b", "2"), ("a", "1"), ("b", "2")], heard.Properties.User());
        Assert.Equal("text/plain", heard.Properties.Find(Prop.ContentType)!.Text);
        Assert.Equal("answers", heard.Properties.Find(Prop.ResponseTopic)!.Text);
        Assert.Equal([1, 2], heard.Properties.Find(Prop.CorrelationData)!.Bytes);
        Assert.Equal(7, heard.Properties.Count);
        await old.ExpectTextAsync("gone", _topic);
    }

    [Fact, Spec("MQTT-3.1.2-15")]
    public async Task A_will_with_RETAIN_is_kept()
    {
        await using (var client = await broker.Connect5Async(
            will: new Will(_topic, "gone", qos: 1, retain: true) { Properties = new Props().User("a", "1") }))
        {
            await using var witness = await broker.Connect5Async();
            await witness.SubscribeAsync(_topic);
            client.Abort();
            await witness.ExpectTextAsync("gone");
        }

        await using var late = await broker.Connect5Async();
        await late.SubscribeAsync(_topic);
        var heard = await late.HearAsync();
        Assert.Equal(("gone", true), (heard.Text, heard.Retain));
        Assert.Equal([("a", "1")], heard.Properties.User());
    }

    [Fact, Spec("MQTT-3.1.2-10")]
    public async Task A_will_is_published_once()
    {
        var id = Unique.ClientId();
        var lasting = new Props().Int(Prop.SessionExpiry, 60);
        await using var witness = await broker.Connect5Async();
        await witness.SubscribeAsync(_topic);
        await using (var client = await broker.Connect5Async(lasting, id, will: new Will(_topic, "gone")))
            client.Abort();
        await witness.ExpectTextAsync("gone");

        await using (var again = await broker.Connect5Async(lasting, id, clean: false))
            again.Abort();
        await using (var fence = await broker.Connect5Async(will: new Will(_topic, "fence")))
            fence.Abort();

        await witness.ExpectTextAsync("fence");
    }
}
