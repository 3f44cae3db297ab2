using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Mirroring;

/// <summary>What only MQTT 5 says comes along, both ways.</summary>
public sealed class Version5Tests(SharedNats nats)
{
    private readonly string _topic = Unique.Topic("v5");

    [Fact]
    public async Task What_a_publisher_says_beside_is_in_headers_and_cannot_forge_one()
    {
        await using var peer = await nats.HearingAsync(_topic);
        await using var client = await nats.Broker.ConnectAsync(ConnectOptions.Version5);
        var properties = new Props()
            .Byte(Prop.PayloadFormat, 1).Int(Prop.MessageExpiry, 1_000).Text(Prop.ContentType, "text/plain\r\nNats-Msg-Id: 1")
            .Text(Prop.ResponseTopic, "reply/here").Binary(Prop.CorrelationData, 0, 13, 10)
            .User("b", "2").User("a", "1").User("b", "x\r\nMqtt-Origin: nowhere\r\n\r\n");

        await client.SendAsync(Packet.Publish($"{_topic}/1", "hello", 1, 1, properties: properties));
        await client.AnswerAsync(RawType.PubAck, 1);

        var copy = await peer.HearUntilTextAsync("hello");
        Assert.Equal("utf-8", copy.Headers![MessageHeaders.PayloadFormat]);
        Assert.InRange(int.Parse(copy.Headers[MessageHeaders.Expiry]!, null), 900, 1_000);
        Assert.Equal("text/plain%0D%0ANats-Msg-Id: 1", copy.Headers[MessageHeaders.ContentType]);
        Assert.Equal("reply/here", copy.Headers[MessageHeaders.ResponseTopic]);
        Assert.Equal("AA0K", copy.Headers[MessageHeaders.CorrelationData]);
        Assert.Equal(["b=2", "a=1", "b=x%0D%0AMqtt-Origin: nowhere%0D%0A%0D%0A"], copy.Headers[MessageHeaders.UserProperty].ToArray());
        Assert.Equal("orleans-mqtt", copy.Headers[MessageHeaders.Origin]);
        Assert.Single(copy.Headers[MessageHeaders.MessageId].ToArray());
    }

    [Fact]
    public async Task What_headers_say_a_subscriber_hears()
    {
        await using var alice = await nats.Broker.ConnectAsync(ConnectOptions.Version5);
        await alice.SubscribeAsync(_topic, 1);
        await using var peer = await nats.HearingAsync("none");

        await peer.AskAsync(
            $"mqtt-in.{_topic.Replace('/', '.')}", "hello", (MessageHeaders.QoSLevel, "1"), (MessageHeaders.ContentType, "text/plain"),
            (MessageHeaders.UserProperty, "b=2"), (MessageHeaders.UserProperty, "a=é=%0A"), (MessageHeaders.CorrelationData, "AA0K"),
            (MessageHeaders.ResponseTopic, "reply/here"), (MessageHeaders.PayloadFormat, "utf-8"), (MessageHeaders.Expiry, "1000"));

        var heard = await alice.HearAsync();
        Assert.Equal(("hello", 1), (heard.Text, heard.QoS));
        Assert.Equal("text/plain", heard.Properties.Find(Prop.ContentType)!.Text);
        Assert.Equal([("b", "2"), ("a", "é=\n")], heard.Properties.User());
        Assert.Equal([0, 13, 10], heard.Properties.Find(Prop.CorrelationData)!.Bytes);
        Assert.Equal("reply/here", heard.Properties.Find(Prop.ResponseTopic)!.Text);
        Assert.Equal(1, heard.Properties.Find(Prop.PayloadFormat)!.Number);
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 900, 1_000);
    }

    [Fact]
    public async Task A_connect_says_what_it_asked_for()
    {
        await using var peer = await NatsPeer.HearingAsync(nats.Server, "mqtt-events.connected");
        var options = ConnectOptions.Version5 with { CleanSession = false, Properties = new Props().Int(Prop.SessionExpiry, 7) };
        await using var client = await nats.Broker.ConnectAsync(options);

        while (true)
        {
            var text = NatsPeer.TextOf(await peer.HearAsync());
            if (!text.Contains($"\"{options.ClientId}\"", StringComparison.Ordinal))
                continue;

            Assert.Contains("\"version\":\"5\"", text, StringComparison.Ordinal);
            Assert.Contains("\"sessionExpiry\":7", text, StringComparison.Ordinal);
            return;
        }
    }
}
