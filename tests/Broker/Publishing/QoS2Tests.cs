using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Publishing;

/// <summary>Section 4.3.3: exactly once.</summary>
public sealed class QoS2Tests(SharedBroker broker)
{
    [Theory, InlineData(1), InlineData(256), InlineData(65_535)]
    [Spec("MQTT-4.3.3-2", "MQTT-3.3.4-1", "MQTT-2.3.1-6")]
    public async Task Each_answer_bears_the_id_of_the_message(int packetId)
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.Publish(Unique.Topic(), "x", qos: 2, packetId));
        await client.ExpectAsync(Packet.PubRec(packetId));

        await client.SendAsync(Packet.PubRel(packetId));
        await client.ExpectAsync(Packet.PubComp(packetId));
    }

    [Theory, InlineData(true), InlineData(false), Spec("MQTT-4.3.3-2")]
    public async Task A_message_that_is_sent_twice_before_PUBREL_is_delivered_once(bool dup)
    {
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);
        await using var bob = await broker.ConnectAsync();

        // Mosquitto 2.0.11 takes the third for a protocol error.
        var times = TestBroker.PeerIsMosquitto ? 2 : 5;
        for (var i = 0; i < times; i++)
        {
            await bob.SendAsync(Packet.Publish(topic, "once", qos: 2, packetId: 9, dup: dup && i > 0));
            await bob.ExpectAsync(Packet.PubRec(9));
        }

        await bob.SendAsync(Packet.PubRel(9));
        await bob.ExpectAsync(Packet.PubComp(9));
        await bob.PublishAsync(topic, "fence", qos: 2);

        await alice.ExpectTextAsync("once");
        await alice.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-4.3.3-2")]
    public async Task After_PUBCOMP_the_same_id_means_a_new_message()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, 2);

        foreach (var text in new[] { "first", "second" })
        {
            await client.SendAsync(Packet.Publish(topic, text, qos: 2, packetId: 5));
            await client.AnswerAsync(RawType.PubRec, 5);
            await client.SendAsync(Packet.PubRel(5));
            await client.AnswerAsync(RawType.PubComp, 5);
            await client.ExpectTextAsync(text);
        }
    }

    /// <summary>A PUBREL can come twice, when its PUBCOMP was lost: the second must be answered too.</summary>
    [Fact, Spec("MQTT-4.3.3-2")]
    public async Task A_PUBREL_is_answered_even_if_its_message_is_not_known()
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.PubRel(1_234));

        await client.ExpectAsync(Packet.PubComp(1_234));
    }

    [Fact, Spec("MQTT-4.3.3-2", "MQTT-4.4.0-1", "MQTT-4.1.0-1")]
    public async Task A_message_that_is_sent_again_after_a_reconnect_is_delivered_once()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);
        await using (var bob = await broker.ConnectAsync(id, clean: false))
        {
            await bob.SendAsync(Packet.Publish(topic, "once", qos: 2, packetId: 3));
            await bob.ExpectAsync(Packet.PubRec(3));
            bob.Abort();
        }

        await using var again = await broker.ConnectAsync(id, clean: false);
        await again.SendAsync(Packet.Publish(topic, "once", qos: 2, packetId: 3, dup: true));
        await again.ExpectAsync(Packet.PubRec(3));
        await again.SendAsync(Packet.PubRel(3));
        await again.ExpectAsync(Packet.PubComp(3));
        await again.PublishAsync(topic, "fence", qos: 2);

        await alice.ExpectTextAsync("once");
        await alice.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-4.3.3-1", "MQTT-2.3.1-4")]
    public async Task The_broker_says_PUBREL_after_PUBREC_and_then_nothing_more()
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);
        await bob.PublishAsync(topic, "exactly", qos: 2);

        var heard = await alice.HearUnansweredAsync();
        Assert.Equal((2, false), (heard.QoS, heard.Dup));
        await alice.SendAsync(Packet.PubRec(heard.PacketId));
        await alice.ExpectAsync(Packet.PubRel(heard.PacketId));
        await alice.SendAsync(Packet.PubComp(heard.PacketId));

        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.3.3-1", "MQTT-2.3.1-4")]
    public async Task Ids_differ_while_they_are_in_use()
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);

        var heard = new List<Heard>();
        for (var i = 0; i < 10; i++)
        {
            await bob.PublishAsync(topic, $"{i}", qos: 1 + (i % 2));
            heard.Add(await alice.HearUnansweredAsync());
        }

        Assert.Distinct(heard.Select(each => each.PacketId));
        foreach (var each in heard)
            await alice.AcknowledgeAsync(each);
        await alice.ExpectNothingAsync();
    }
}
