using System.Diagnostics;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Publishing;

/// <summary>$delayed/SECONDS/topic, with what MQTT 5 adds to a message and to its acknowledgement.</summary>
public sealed class DelayedTests(SharedBroker broker)
{
    private const int TopicNameInvalid = 0x90, QuotaExceeded = 0x97;

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_publisher_hears_that_it_is_taken_or_why_it_is_not(int qos)
    {
        await using var bob = await broker.Connect5Async();

        Assert.Equal(0, await PublishAsync(bob, $"$delayed/600/{_topic}", qos));
        Assert.Equal(TopicNameInvalid, await PublishAsync(bob, $"$delayed/soon/{_topic}", qos));
        Assert.Equal(TopicNameInvalid, await PublishAsync(bob, $"$delayed/4294968/{_topic}", qos));
    }

    [Fact]
    public async Task A_publisher_hears_that_too_many_wait()
    {
        await using var small = await TestBroker.StartAsync("--Delayed:MaximumMessages=2");
        await using var bob = await small.Connect5Async();

        for (var i = 0; i < 2; i++)
            Assert.Equal(0, await PublishAsync(bob, $"$delayed/600/{_topic}", 2));
        Assert.Equal(QuotaExceeded, await PublishAsync(bob, $"$delayed/600/{_topic}", 2));
    }

    [Fact]
    public async Task It_comes_with_all_its_properties_and_its_life_begins_then()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, 2);
        var properties = new Props().User("b", "2").Text(Prop.ContentType, "text/plain").User("a", "1").Int(Prop.MessageExpiry, 50);

        var clock = Stopwatch.StartNew();
        await alice.PublishAsync($"$delayed/2/{_topic}", "later", 2, properties: properties);

        var heard = await alice.HearAsync();
        var late = clock.Elapsed.TotalSeconds - 2;
        Assert.Equal((_topic, "later", 2), (heard.Topic, heard.Text, heard.QoS));
        Assert.Equal([("b", "2"), ("a", "1")], heard.Properties.User());
        Assert.Equal("text/plain", heard.Properties.Find(Prop.ContentType)!.Text);
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 49 - late, 50); // not what it was to wait, which is 2
    }

    private static async Task<int> PublishAsync(RawClient client, string topic, int qos)
    {
        var packetId = client.NextPacketId();
        await client.SendAsync(Packet.Publish(topic, "later", qos, packetId, properties: new Props()));
        return (await client.AnswerAsync(qos == 1 ? RawType.PubAck : RawType.PubRec, packetId)).Reason;
    }
}
