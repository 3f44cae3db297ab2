using System.Globalization;
using Orleans.Mqtt.Tests.Broker.Interop;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Topics;

/// <summary>$SYS: what the broker says of itself, to those who ask for it by name.</summary>
public sealed class SysTopicTests : IAsyncLifetime
{
    private const string Uptime = "$SYS/broker/uptime";

    private TestBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync(
        "--Gateway:SysTopicsInterval", "00:00:02", "--Sessions:QueueQoS0", "true");

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_new_subscriber_gets_all_figures_at_once(bool clean)
    {
        await using var broker = await TestBroker.StartAsync(
            "--Sessions:QueueQoS0", "true", "--Gateway:SysTopicsInterval", "01:00:00"); // one that does not repeat them
        await using var client = await broker.ConnectAsync(clean: clean);
        await client.PublishAsync("a/b", "kept", qos: 1, retain: true);
        await client.SubscribeAsync("$SYS/#", qos: 1);

        var figures = new Dictionary<string, string>();
        while (!figures.ContainsKey("bytes/sent"))
        {
            var heard = await client.HearAsync();
            Assert.Equal((true, 0), (heard.Retain, heard.QoS));
            Assert.StartsWith("$SYS/broker/", heard.Topic, StringComparison.Ordinal);
            figures.Add(heard.Topic["$SYS/broker/".Length..], heard.Text);
        }

        Assert.StartsWith("Orleans.Mqtt ", figures["version"], StringComparison.Ordinal);
        Assert.EndsWith(" seconds", figures["uptime"], StringComparison.Ordinal);
        Assert.Equal(("1", "0", "1"), (figures["clients/connected"], figures["clients/disconnected"], figures["clients/total"]));
        Assert.Equal(("1", "1"), (figures["subscriptions/count"], figures["retained messages/count"]));
        Assert.Equal(("1", "0"), (figures["publish/messages/received"], figures["publish/messages/sent"]));

        // CONNECT, PUBLISH and their answers; SUBSCRIBE and SUBACK are counted while the figures are being made.
        Assert.InRange(Number("messages/received"), 2, 3);
        Assert.InRange(Number("messages/sent"), 2, 3);
        Assert.InRange(Number("bytes/received"), 30, 80);
        Assert.InRange(Number("bytes/sent"), 4 + 4, 4 + 4 + 5);

        int Number(string name) => int.Parse(figures[name], CultureInfo.InvariantCulture);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_subscriber_hears_the_figures_again_and_again_and_a_wildcard_never(bool clean)
    {
        await using var wild = await _broker.ConnectAsync();
        await wild.SubscribeAsync("#");
        await wild.SubscribeAsync("+/broker/uptime");
        await using var client = await _broker.ConnectAsync(clean: clean);
        await client.SubscribeAsync(Uptime);

        for (var live = 0; live < 2;)
        {
            var heard = await client.HearAsync();
            Assert.Equal(Uptime, heard.Topic);
            live += heard.Retain ? 0 : 1;
        }

        await client.UnsubscribeAsync(Uptime);
        await client.PublishAsync("fence", "fence");
        await wild.ExpectTextAsync("fence", "fence");
    }

    [Fact]
    public async Task Retain_handling_and_identifiers_and_retain_as_published_hold_for_them()
    {
        await using var client = await _broker.Connect5Async();
        const int RetainAsPublished = 0b0000_1000, SendNothing = 0b0010_0000;
        await client.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 7), (Uptime, RetainAsPublished | SendNothing));
        await client.SubscribeAsync(new Props(), ("$SYS/broker/version", 0));

        Assert.Equal("$SYS/broker/version", (await client.HearAsync()).Topic);
        Heard heard;
        do
            heard = await client.HearAsync();
        while (heard.Topic != Uptime);
        Assert.True(heard.Retain);
        Assert.Contains(heard.Properties, property => property.Id == Prop.SubscriptionId);
    }

    [Theory, InlineData("$SYS/broker/uptime"), InlineData("$SYS"), InlineData("$SYS/mine"), InlineData("$delayed/1/$SYS/mine")]
    public async Task Clients_do_not_publish_there(string topic)
    {
        await using var client = await _broker.Connect5Async();
        var packetId = client.NextPacketId();
        await client.SendAsync(Packet.Publish(topic, "x"u8.ToArray(), 1, packetId, properties: new Props()));
        Assert.Equal(0x87, (await client.AnswerAsync(RawType.PubAck, packetId)).Reason);

        await using var older = await _broker.ConnectAsync();
        await older.PublishAsync(topic, "x", qos: 1, retain: true); // acknowledged, and dropped
        await older.SubscribeAsync("$SYS/mine");
        await older.ExpectNothingAsync();

        await using var refused = await _broker.OpenAsync();
        await refused.ExpectRefusalAsync(new ConnectOptions { ClientId = Unique.ClientId(), Will = new Will(topic, "gone") }, 5);
    }

    [Fact]
    public async Task They_can_be_switched_off()
    {
        await using var broker = await TestBroker.StartAsync("--Gateway:SysTopicsInterval", "0");
        await using var client = await broker.ConnectAsync();

        await client.SubscribeAsync("$SYS/#");

        await client.ExpectNothingAsync();
        await client.PublishAsync("$SYS/mine", "x", qos: 1);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task Mosquitto_sub_hears_them()
    {
        await using var listening = await MosquittoTools.SubscribeAsync(
            _broker.Port, "%r %t %p", 4, "-t", "$SYS/broker/clients/connected", "-t", "$SYS/broker/version");

        await listening.SaysAsync("1 $SYS/broker/clients/connected 1");
        await listening.SaysAsync("0 $SYS/broker/clients/connected 1");
        Assert.Equal(0, (await listening.EndAsync()).ExitCode);
    }
}
