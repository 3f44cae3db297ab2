using MQTTnet;
using MQTTnet.Protocol;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Interop;

/// <summary>The behaviours that the interoperability test of Paho made famous, judged by MQTTnet.</summary>
public sealed class MqttNetTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic("net");

    [Theory]
    [InlineData(0, 0), InlineData(0, 1), InlineData(0, 2), InlineData(1, 0), InlineData(1, 1), InlineData(1, 2)]
    [InlineData(2, 0), InlineData(2, 1), InlineData(2, 2)]
    public async Task Basic_and_every_QoS(int published, int subscribed)
    {
        await using var alice = await ConnectAsync();
        await using var bob = await ConnectAsync();
        await alice.SubscribeAsync((_topic, subscribed));

        await bob.PublishAsync(_topic, "message", published);

        await alice.ExpectAsync(_topic, "message", Math.Min(published, subscribed));
    }

    [Fact]
    public async Task Retained()
    {
        await using var bob = await ConnectAsync();
        for (var qos = 0; qos <= 2; qos++)
            await bob.PublishAsync($"{_topic}/{qos}", $"qos {qos}", qos, retain: true);

        await using var alice = await ConnectAsync();
        await alice.SubscribeAsync((_topic + "/+", 2));
        var heard = new[] { await alice.HearAsync(), await alice.HearAsync(), await alice.HearAsync() };
        Assert.Equal(["qos 0", "qos 1", "qos 2"], heard.Select(each => each.ConvertPayloadToString()).Order());
        Assert.All(heard, each => Assert.True(each.Retain));

        for (var qos = 0; qos <= 2; qos++)
            await bob.PublishAsync($"{_topic}/{qos}", "", qos, retain: true);
        await using var late = await ConnectAsync();
        await late.SubscribeAsync((_topic + "/+", 2));
        await bob.PublishAsync(_topic + "/fence", "fence", 2);
        await late.ExpectAsync(_topic + "/fence", "fence", 2);
    }

    [Fact]
    public async Task Offline_queueing()
    {
        var id = Unique.ClientId("n");
        await using (var alice = await ConnectAsync(id, clean: false))
        {
            await alice.SubscribeAsync((_topic + "/#", 2));
            await alice.DisconnectAsync();
        }

        await using var bob = await ConnectAsync();
        await bob.PublishAsync(_topic + "/1", "one", qos: 1);
        await bob.PublishAsync(_topic + "/1", "two", qos: 1);
        await bob.PublishAsync(_topic + "/2", "three", qos: 2);

        await using var again = await ConnectAsync(id, clean: false);
        Assert.True(again.IsSessionPresent);
        var heard = new[] { await again.HearAsync(), await again.HearAsync(), await again.HearAsync() };
        Assert.Equal(
            ["one", "three", "two"], heard.Select(each => each.ConvertPayloadToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Will()
    {
        await using var witness = await ConnectAsync();
        await witness.SubscribeAsync((_topic, 2));
        await using (await ConnectAsync(more: options => options
            .WithWillTopic(_topic)
            .WithWillPayload("client not disconnected")
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.ExactlyOnce)))
        {
            // It leaves without a word.
        }

        await witness.ExpectAsync(_topic, "client not disconnected", 2);
    }

    [Fact]
    public async Task Overlapping_subscriptions()
    {
        TestBroker.MosquittoDiffers("2.0.11 gives one copy at the QoS of the filter that it finds first");
        await using var client = await ConnectAsync();
        await client.SubscribeAsync((_topic + "/#", 2), (_topic + "/+", 1));

        await client.PublishAsync(_topic + "/3", "overlapping", qos: 2);
        await client.PublishAsync(_topic + "/3", "fence", qos: 2);

        await client.ExpectAsync(_topic + "/3", "overlapping", 2);
        await client.ExpectAsync(_topic + "/3", "fence", 2);
    }

    [Fact]
    public async Task Keep_alive()
    {
        await using var witness = await ConnectAsync();
        await witness.SubscribeAsync((_topic, 1));
        await using var silent = await broker.ConnectAsync(
            new ConnectOptions { KeepAlive = 6, Will = new Will(_topic, "silent", qos: 1) });
        await using var alive = await ConnectAsync(more: options => options
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(6))
            .WithWillTopic(_topic)
            .WithWillPayload("it did ping"));

        await witness.ExpectAsync(_topic, "silent", 1);

        // The same time has passed for the one that pings by itself.
        await alive.PublishAsync(_topic, "alive", qos: 1);
        await witness.ExpectAsync(_topic, "alive", 1);
    }

    [Fact]
    public async Task Redelivery_on_reconnect()
    {
        var id = Unique.ClientId("n");
        await using (var raw = await broker.ConnectAsync(id, clean: false))
        {
            await raw.SubscribeAsync(_topic, 2);
            await raw.PublishAsync(_topic, "one", qos: 1);
            await raw.PublishAsync(_topic, "two", qos: 2);
            await raw.HearUnansweredAsync();
            await raw.HearUnansweredAsync();
            raw.Abort();
        }

        await using var again = await ConnectAsync(id, clean: false);
        await again.ExpectAsync(_topic, "one", 1);
        await again.ExpectAsync(_topic, "two", 2);
        await again.PublishAsync(_topic, "fence", qos: 2);
        await again.ExpectAsync(_topic, "fence", 2);
    }

    [Fact]
    public async Task Zero_length_client_id()
    {
        await using var one = await ConnectAsync("");
        await using var other = await ConnectAsync("");
        await one.SubscribeAsync((_topic, 1));
        await other.PublishAsync(_topic, "nameless", qos: 1);
        await one.ExpectAsync(_topic, "nameless", 1);

        await using var raw = await broker.OpenAsync();
        await raw.ExpectRefusalAsync(new ConnectOptions { ClientId = "", CleanSession = false }, returnCode: 2);
    }

    [Fact]
    public async Task Dollar_topics()
    {
        var token = Unique.Token();
        await using var client = await ConnectAsync();
        await client.SubscribeAsync(("+/" + token, 2));

        await client.PublishAsync("$t/" + token, "must not be heard", qos: 1);
        await client.PublishAsync("t/" + token, "fence", qos: 1);

        await client.ExpectAsync("t/" + token, "fence", 1);
    }

    [Fact]
    public async Task Takeover()
    {
        var id = Unique.ClientId("n");
        await using var old = await ConnectAsync(id, clean: false);
        await old.SubscribeAsync((_topic, 1));

        await using var young = await ConnectAsync(id, clean: false);
        await old.Gone;
        await young.PublishAsync(_topic, "mine now", qos: 1);

        await young.ExpectAsync(_topic, "mine now", 1);
    }

    private Task<OtherClient> ConnectAsync(
        string? clientId = null, bool clean = true, Action<MqttClientOptionsBuilder>? more = null) =>
        OtherClient.ConnectAsync(broker.Port, clientId, clean, more);
}
