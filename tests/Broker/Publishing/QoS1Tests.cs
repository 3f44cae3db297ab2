using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Publishing;

/// <summary>Section 4.3.2: at least once.</summary>
public sealed class QoS1Tests(SharedBroker broker)
{
    [Theory, InlineData(1), InlineData(256), InlineData(65_535)]
    [Spec("MQTT-4.3.2-2", "MQTT-3.3.4-1", "MQTT-2.3.1-6")]
    public async Task The_answer_bears_the_id_of_the_message(int packetId)
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.Publish(Unique.Topic(), "x", qos: 1, packetId));

        await client.ExpectAsync(Packet.PubAck(packetId));
    }

    [Fact, Spec("MQTT-4.3.2-2")]
    public async Task After_PUBACK_the_same_id_means_a_new_message_whatever_DUP_says()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, 1);

        foreach (var dup in new[] { false, false, true })
        {
            await client.SendAsync(Packet.Publish(topic, $"dup {dup}", qos: 1, packetId: 7, dup: dup));
            await client.AnswerAsync(RawType.PubAck, 7);
            await client.ExpectTextAsync($"dup {dup}");
        }
    }

    [Fact, Spec("MQTT-4.3.2-1", "MQTT-2.3.1-4", "MQTT-2.3.1-1", "MQTT-4.5.0-1")]
    public async Task What_the_broker_sends_has_ids_that_differ_and_no_DUP()
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 1);

        var heard = new List<Heard>();
        for (var i = 0; i < 10; i++)
        {
            await bob.PublishAsync(topic, $"{i}", qos: 1);
            heard.Add(await alice.HearUnansweredAsync());
        }

        Assert.All(heard, each => Assert.Equal((1, false), (each.QoS, each.Dup)));
        Assert.All(heard, each => Assert.NotEqual(0, each.PacketId));
        Assert.Distinct(heard.Select(each => each.PacketId));
    }

    [Fact, Spec("MQTT-3.3.1-3", "MQTT-3.3.1-1")]
    public async Task The_DUP_of_the_publisher_is_not_passed_on()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, 2);

        await client.SendAsync(Packet.Publish(topic, "one", qos: 1, packetId: 1, dup: true));
        await client.AnswerAsync(RawType.PubAck, 1);
        await client.SendAsync(Packet.Publish(topic, "two", qos: 2, packetId: 2, dup: true));
        await client.AnswerAsync(RawType.PubRec, 2);
        await client.SendAsync(Packet.PubRel(2));
        await client.AnswerAsync(RawType.PubComp, 2);

        Assert.False((await client.HearAsync()).Dup);
        Assert.False((await client.HearAsync()).Dup);
    }

    [Fact, Spec("MQTT-4.8.0-1")]
    public async Task An_acknowledgement_of_nothing_harms_nobody()
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.PubAck(4711), Packet.PubComp(4712));

        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.3.2-1", "MQTT-2.3.1-4")]
    public async Task A_subscriber_that_answers_gets_any_number_of_messages()
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 1);

        for (var i = 0; i < 300; i++)
        {
            await bob.PublishAsync(topic, $"{i}", qos: 1);
            await alice.ExpectTextAsync($"{i}");
        }
    }
}
