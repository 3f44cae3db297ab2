using Orleans.Mqtt.Tests.Broker.Access;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Publishing;

/// <summary>Sections 3.4 to 3.7: the answers to a publisher, and their reasons.</summary>
public sealed class AnswerTests(SharedBroker broker)
{
    private const int NoSubscribers = 0x10, NotFound = 0x92;

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.4.2-1", "MQTT-3.5.2-1")]
    public async Task A_publisher_hears_whether_anybody_is_there_to_listen(int qos)
    {
        // Beginning with '$', so that nobody hears it who listens to everything, and not as other tests' topics begin.
        var topic = "$answer/" + _topic;
        await using var bob = await broker.Connect5Async();
        var type = qos == 1 ? RawType.PubAck : RawType.PubRec;

        await bob.SendAsync(Packet.Publish(topic, "", qos, 1, properties: new Props()));
        Assert.Equal(NoSubscribers, (await bob.AnswerAsync(type, 1)).Reason);

        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(topic);
        await bob.SendAsync(Packet.Publish(topic, "", qos, 2, properties: new Props()));
        Assert.Equal(0, (await bob.AnswerAsync(type, 2)).Reason);
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-3.7.2-1", "MQTT-4.3.3-11")]
    public async Task PUBREL_of_what_is_not_under_way_is_answered_with_that_reason(uint sessionExpiry)
    {
        await using var bob = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));

        await bob.SendAsync(Packet.Ack(RawType.PubRel, 77, 0));
        Assert.Equal(NotFound, (await bob.AnswerAsync(RawType.PubComp, 77)).Reason);

        await bob.SendAsync(Packet.Publish(_topic, "", 2, 5, properties: new Props()));
        await bob.AnswerAsync(RawType.PubRec, 5);
        await bob.SendAsync(Packet.Ack(RawType.PubRel, 5, 0));
        Assert.Equal(0, (await bob.AnswerAsync(RawType.PubComp, 5)).Reason);
        await bob.SendAsync(Packet.PubRel(5));
        Assert.Equal(NotFound, (await bob.AnswerAsync(RawType.PubComp, 5)).Reason);
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-3.6.2-1")]
    public async Task PUBREC_of_what_is_not_under_way_is_answered_with_that_reason(uint sessionExpiry)
    {
        await using var alice = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));
        await alice.SendAsync(Packet.Ack(RawType.PubRec, 77, 0));
        Assert.Equal(NotFound, (await alice.AnswerAsync(RawType.PubRel, 77)).Reason);
    }

    [Fact, Spec("MQTT-3.6.2-2", "MQTT-3.7.2-2", "MQTT-3.1.2-29")]
    public async Task That_reason_is_told_in_words_where_they_fit_and_are_wanted()
    {
        await using var wide = await broker.Connect5Async();
        await using var narrow = await broker.Connect5Async(new Props().Int(Prop.MaximumPacketSize, 20));
        await using var curt = await broker.Connect5Async(new Props().Byte(Prop.RequestProblems, 0));
        foreach (var (client, isTold) in new[] { (wide, true), (narrow, false), (curt, false) })
        {
            await client.SendAsync(Packet.Ack(RawType.PubRel, 77, 0), Packet.Ack(RawType.PubRec, 78, 0));
            var complete = await client.AnswerAsync(RawType.PubComp, 77);
            var release = await client.AnswerAsync(RawType.PubRel, 78);
            Assert.Equal((isTold, isTold), (complete.Properties.Has(Prop.ReasonString), release.Properties.Has(Prop.ReasonString)));
        }
    }

    [Fact, Spec("MQTT-3.6.1-1")]
    public async Task PUBREL_has_flags_of_its_own()
    {
        foreach (var header in new[] { 0x60, 0x61, 0x63, 0x64, 0x6A })
            await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(header, 0, 1));
    }

    [Theory, InlineData(0u), InlineData(60u)]
    [Spec("MQTT-4.3.3-10", "MQTT-4.3.3-12", "MQTT-4.3.3-8", "MQTT-4.3.2-5")]
    public async Task A_packet_of_QoS_2_is_one_message_until_its_PUBREL_and_one_of_QoS_1_never_is(uint sessionExpiry)
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, 2);
        await using var bob = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));

        for (var i = 0; i < 3; i++)
        {
            await bob.SendAsync(Packet.Publish(_topic, "two", 2, 9, dup: i > 0, properties: new Props()));
            await bob.AnswerAsync(RawType.PubRec, 9);
        }

        await bob.SendAsync(Packet.PubRel(9));
        await bob.AnswerAsync(RawType.PubComp, 9);
        await bob.SendAsync(Packet.Publish(_topic, "new", 2, 9, dup: true, properties: new Props()));
        await bob.AnswerAsync(RawType.PubRec, 9);
        for (var i = 0; i < 2; i++)
        {
            await bob.SendAsync(Packet.Publish(_topic, "one", 1, 8, dup: i > 0, properties: new Props()));
            await bob.AnswerAsync(RawType.PubAck, 8);
        }

        foreach (var text in new[] { "two", "new", "one", "one" })
            await alice.ExpectTextAsync(text);
        await alice.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_reason_that_a_packet_does_not_know_is_malformed()
    {
        foreach (var type in new[] { RawType.PubAck, RawType.PubRec, RawType.PubRel, RawType.PubComp })
        {
            await broker.ExpectGoodbyeUponAsync(0x81, Packet.Ack(type, 1, 0x04));
            await broker.ExpectGoodbyeUponAsync(0x81, Packet.Ack(type, 1, 0x8E, new Props()));
        }
    }
}

/// <summary>What a publisher hears who may not publish.</summary>
[Collection(nameof(DenyingBroker))]
public sealed class DeniedAnswerTests(DenyingBroker broker)
{
    private const int NotAuthorized = 0x87;

    private readonly string _token = Unique.Token();

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.4.2-1", "MQTT-3.5.2-1")]
    public async Task It_says_so_and_nobody_hears_the_message(int qos)
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync($"+/{_token}", qos);
        await using var bob = await broker.Connect5Async();

        var answer = await PublishAsync(bob, qos, packetId: 3);

        Assert.Equal(NotAuthorized, answer.Reason);
        Assert.NotEmpty(answer.Properties.Find(Prop.ReasonString)!.Text);
        await bob.PublishAsync($"allowed/{_token}", "fence", qos);
        await alice.ExpectTextAsync("fence");
    }

    [Theory, InlineData(0u), InlineData(60u), Spec("MQTT-4.3.3-9")]
    public async Task A_PUBREC_that_refuses_frees_the_packet_id(uint sessionExpiry)
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync($"+/{_token}", 2);
        await using var bob = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));
        await PublishAsync(bob, qos: 2, packetId: 3);

        await bob.SendAsync(Packet.Publish($"allowed/{_token}", "new", 2, 3, properties: new Props()));

        Assert.Equal(0, (await bob.AnswerAsync(RawType.PubRec, 3)).Reason);
        await alice.ExpectTextAsync("new");
        await bob.SendAsync(Packet.PubRel(3));
        Assert.Equal(0, (await bob.AnswerAsync(RawType.PubComp, 3)).Reason);
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.1.2-29")]
    public async Task Who_does_not_want_to_read_about_problems_gets_the_number_only(int qos)
    {
        await using var bob = await broker.Connect5Async(new Props().Byte(Prop.RequestProblems, 0));

        var answer = await PublishAsync(bob, qos, packetId: 3);

        Assert.Equal([0, 3, NotAuthorized], answer.Body);
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.4.2-2", "MQTT-3.5.2-2", "MQTT-3.1.2-24")]
    public async Task What_does_not_fit_is_left_out(int qos)
    {
        await using var bob = await broker.Connect5Async(new Props().Int(Prop.MaximumPacketSize, 20));

        var answer = await PublishAsync(bob, qos, packetId: 3);

        Assert.Equal([0, 3, NotAuthorized], answer.Body);
    }

    [Fact]
    public async Task Of_QoS_0_nothing_is_said()
    {
        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync($"mute/{_token}", "denied");
        await bob.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.8.4-7", "MQTT-3.9.3-2", "MQTT-3.9.3-1")]
    public async Task A_subscriber_hears_it_too()
    {
        await using var alice = await broker.Connect5Async();

        var answer = await alice.SubscribeAsync(new Props(), ($"denied/{_token}", 1), ($"allowed/{_token}", 1));

        Assert.Equal([NotAuthorized, 1], answer.Reasons);
        Assert.NotEmpty(answer.Properties.Find(Prop.ReasonString)!.Text);
    }

    [Fact, Spec("MQTT-3.9.2-1", "MQTT-3.1.2-29")]
    public async Task A_subscriber_is_not_told_in_words_what_it_does_not_want_or_take()
    {
        await using var curt = await broker.Connect5Async(new Props().Byte(Prop.RequestProblems, 0));
        Assert.Empty((await curt.SubscribeAsync(new Props(), ($"denied/{_token}", 1))).Properties);

        await using var narrow = await broker.Connect5Async(new Props().Int(Prop.MaximumPacketSize, 20));
        Assert.Empty((await narrow.SubscribeAsync(new Props(), ($"denied/{_token}", 1))).Properties);
    }

    [Fact, Spec("MQTT-3.1.4-2")]
    public async Task A_will_that_is_denied_is_a_reason_to_refuse()
    {
        await using var client = await broker.OpenAsync();
        await client.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5 with
        {
            Will = new Will($"mute/{_token}", "denied"),
        }), NotAuthorized);
    }

    private async Task<RawPacket> PublishAsync(RawClient client, int qos, int packetId)
    {
        await client.SendAsync(Packet.Publish($"mute/{_token}", "denied", qos, packetId, properties: new Props()));
        return await client.AnswerAsync(qos == 1 ? RawType.PubAck : RawType.PubRec, packetId);
    }
}
