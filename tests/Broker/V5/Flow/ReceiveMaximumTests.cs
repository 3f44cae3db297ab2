using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Flow;

/// <summary>Section 4.9: no more is under way than the receiver takes.</summary>
public sealed class ReceiveMaximumTests(SharedBroker broker)
{
    private const int Most = 2;

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0u, 1), InlineData(60u, 1), InlineData(0u, 2), InlineData(60u, 2)]
    [Spec("MQTT-3.3.4-9", "MQTT-4.9.0-1", "MQTT-4.9.0-2")]
    public async Task A_subscriber_is_sent_no_more_than_it_takes(uint sessionExpiry, int qos)
    {
        await using var alice = await ConnectAsync(sessionExpiry);
        await alice.SubscribeAsync(_topic, qos);
        await using var bob = await broker.Connect5Async();
        for (var i = 0; i < 6; i++)
            await bob.PublishAsync(_topic, $"{i}", qos);

        var open = new Queue<Heard>();
        for (var i = 0; i < 6; i++)
        {
            open.Enqueue(await alice.HearUnansweredAsync());
            Assert.Equal($"{i}", open.Last().Text);
            if (open.Count < Most)
                continue;
            await alice.ExpectNothingAsync();
            await alice.AcknowledgeAsync(open.Dequeue());
        }
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-4.9.0-2", "MQTT-3.3.4-9")]
    public async Task PUBREC_leaves_a_message_under_way_and_an_error_ends_it(uint sessionExpiry)
    {
        await using var alice = await ConnectAsync(sessionExpiry);
        await alice.SubscribeAsync(_topic, 2);
        await using var bob = await broker.Connect5Async();
        for (var i = 0; i < 4; i++)
            await bob.PublishAsync(_topic, $"{i}", 2);
        var (first, second) = (await alice.HearUnansweredAsync(), await alice.HearUnansweredAsync());

        await alice.SendAsync(Packet.PubRec(first.PacketId));
        await alice.AnswerAsync(RawType.PubRel, first.PacketId);
        await alice.ExpectNothingAsync();

        await alice.SendAsync(Packet.Ack(RawType.PubRec, second.PacketId, 0x83));
        Assert.Equal("2", (await alice.HearUnansweredAsync()).Text);
        await alice.ExpectNothingAsync();

        await alice.SendAsync(Packet.PubComp(first.PacketId));
        Assert.Equal("3", (await alice.HearUnansweredAsync()).Text);
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-3.3.4-10", "MQTT-4.9.0-3")]
    public async Task All_else_goes_on_while_a_window_is_full(uint sessionExpiry)
    {
        await using var alice = await ConnectAsync(sessionExpiry);
        await alice.SubscribeAsync(_topic, 1);
        await using var bob = await broker.Connect5Async();
        for (var i = 0; i < 4; i++)
            await bob.PublishAsync(_topic, $"{i}", 1);
        for (var i = 0; i < Most; i++)
            await alice.HearUnansweredAsync();

        await bob.PublishAsync(_topic, "of QoS 0");
        Assert.Equal("of QoS 0", (await alice.HearAsync()).Text);
        await alice.SubscribeAsync(_topic + "/other");
        await alice.PublishAsync(_topic + "/other", "mine", 2);
        await alice.ExpectTextAsync("mine");
        await alice.UnsubscribeAsync(_topic + "/other");
        await alice.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_publisher_that_says_more_than_we_take_is_disconnected()
    {
        await using var bob = await broker.Connect5Async();
        var most = (int)bob.Welcome.Find(Prop.ReceiveMaximum)!.Number;
        for (var id = 1; id <= most; id++)
            await bob.SendAsync(Packet.Publish(_topic, "", 2, id, properties: new Props()));
        for (var id = 1; id <= most; id++)
            await bob.AnswerAsync(RawType.PubRec, id);

        await bob.SendAsync(Packet.Publish(_topic, "", 2, most + 1, properties: new Props()));

        await bob.ExpectGoodbyeAsync(0x93);
    }

    [Fact]
    public async Task What_is_acknowledged_or_sent_again_does_not_count()
    {
        await using var bob = await broker.Connect5Async();
        var most = (int)bob.Welcome.Find(Prop.ReceiveMaximum)!.Number;
        for (var id = 1; id < most; id++)
            await bob.SendAsync(Packet.Publish(_topic, "", 2, id, properties: new Props()));
        for (var id = 60_000; id < 60_010; id++)
        {
            await bob.SendAsync(Packet.Publish(_topic, "", 1, id, properties: new Props()));
            await bob.AnswerAsync(RawType.PubAck, id);
        }

        await bob.SendAsync(Packet.Publish(_topic, "", 2, 1, dup: true, properties: new Props()));
        await bob.SendAsync(Packet.PubRel(1), Packet.PubRel(2));
        for (var id = most; id < most + 3; id++)
            await bob.SendAsync(Packet.Publish(_topic, "", 2, id, properties: new Props()));

        await bob.SendAsync(Packet.PingReq);
        await bob.AnswerPingAsync();
    }

    [Fact]
    public async Task An_older_publisher_has_no_such_limit()
    {
        await using var bob = await broker.ConnectAsync();
        for (var id = 1; id <= 2_000; id++)
            await bob.SendAsync(Packet.Publish(_topic, "", 2, id));
        for (var id = 1; id <= 2_000; id++)
            await bob.AnswerAsync(RawType.PubRec, id);
        await bob.ExpectNothingAsync();
    }

    private Task<RawClient> ConnectAsync(uint sessionExpiry) =>
        broker.Connect5Async(new Props().Short(Prop.ReceiveMaximum, Most).Int(Prop.SessionExpiry, sessionExpiry));
}
