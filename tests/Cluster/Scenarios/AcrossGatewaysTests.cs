using Orleans.Mqtt.Tests.Cluster.Measurements;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Scenarios;

/// <summary>What begins on one gateway ends on another as if there were one.</summary>
public sealed class AcrossGatewaysTests(SharedCluster shared) : ClusterTests(shared)
{
    private const int Rounds = 2_000;

    private readonly string _topic = Unique.Topic();

    [Fact, Spec("MQTT-3.8.4-1")]
    public async Task What_is_published_on_one_gateway_after_the_SUBACK_of_another_is_heard() =>
        Assert.Equal(Rounds, await PromptRounds.RunAsync(Cluster, Rounds));

    [Fact, Spec("MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-10")]
    public async Task A_retained_message_is_found_and_removed_at_any_gateway()
    {
        await using var publisher = await Near.ConnectAsync();
        await publisher.PublishAsync(_topic, "kept", qos: 1, retain: true);

        await using var subscriber = await Far.ConnectAsync();
        await subscriber.SubscribeAsync(_topic, 1);
        var heard = await subscriber.HearAsync();
        Assert.Equal(("kept", true), (heard.Text, heard.Retain));

        await subscriber.PublishAsync(_topic, "", qos: 1, retain: true);
        await publisher.SubscribeAsync(_topic, 1);
        await publisher.ExpectNothingAsync();
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.1.2-8")]
    public async Task A_will_that_was_left_at_one_gateway_is_heard_at_another(int qos)
    {
        await using var witness = await Far.ConnectAsync();
        await witness.SubscribeAsync(_topic, 2);
        await using var client = await Near.ConnectAsync(will: new Will(_topic, "will", qos));

        client.Abort();

        var heard = await witness.HearAsync();
        Assert.Equal(("will", qos), (heard.Text, heard.QoS));
        await witness.PublishAsync(_topic, "fence", qos: 2);
        await witness.ExpectTextAsync("fence"); // and not the will twice
    }

    [Fact, Spec("MQTT-3.1.4-2", "MQTT-3.1.2-8")]
    public async Task A_client_that_comes_to_another_gateway_takes_its_session_from_the_first()
    {
        await using var witness = await Near.ConnectAsync();
        await witness.SubscribeAsync(_topic + "/will", 1);
        var id = Unique.ClientId();
        await using var older = await Near.ConnectAsync(id, clean: false, will: new Will(_topic + "/will", "taken over", 1));
        await older.SubscribeAsync(_topic, 1);

        await using var newer = await Far.ConnectAsync(id, clean: false);

        Assert.True(newer.SessionPresent);
        await older.ExpectClosedAsync();
        await witness.ExpectTextAsync("taken over");
        await witness.PublishAsync(_topic, "to the newer", qos: 1);
        await newer.ExpectTextAsync("to the newer");
        await using var newest = await Near.ConnectAsync(id, clean: false);
        await newer.ExpectClosedAsync();
        await newest.ExpectNothingAsync(); // the newer one has settled what there was
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.1.2-4", "MQTT-3.1.2-5")]
    public async Task What_a_session_missed_is_told_at_another_gateway_in_order(int qos)
    {
        const int Messages = 50;
        string id;
        await using (var subscriber = await Near.ConnectAsync(clean: false))
        {
            await subscriber.SubscribeAsync(_topic, qos);
            id = subscriber.ClientId;
            await subscriber.DisconnectAsync();
        }

        await using var publisher = await Near.ConnectAsync();
        for (var number = 0; number < Messages; number++)
            await publisher.PublishAsync(_topic, $"{number}", qos);

        await using var again = await Far.ConnectAsync(id, clean: false);
        Assert.True(again.SessionPresent);
        for (var number = 0; number < Messages; number++)
            await again.ExpectTextAsync($"{number}");
        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.3.3-1", "MQTT-4.3.3-2", "MQTT-4.4.0-1")]
    public async Task A_publisher_may_end_at_another_gateway_what_it_began_with_QoS_2()
    {
        await using var subscriber = await Far.ConnectAsync(clean: false);
        await subscriber.SubscribeAsync(_topic, 2);
        var id = Unique.ClientId();
        await using (var publisher = await Near.ConnectAsync(id, clean: false))
        {
            await publisher.SendAsync(Packet.Publish(_topic, "released later", 2, 7), Packet.Publish(_topic, "said again", 2, 8));
            await publisher.AnswerAsync(RawType.PubRec, 7);
            await publisher.AnswerAsync(RawType.PubRec, 8);
            publisher.Abort();
        }

        await using var again = await Far.ConnectAsync(id, clean: false);
        await again.SendAsync(Packet.PubRel(7), Packet.Publish(_topic, "said again", 2, 8, retain: false, dup: true));
        await again.AnswerAsync(RawType.PubComp, 7);
        await again.AnswerAsync(RawType.PubRec, 8);
        await again.SendAsync(Packet.PubRel(8));
        await again.AnswerAsync(RawType.PubComp, 8);
        await again.PublishAsync(_topic, "fence", qos: 2);

        await subscriber.ExpectTextAsync("released later");
        await subscriber.ExpectTextAsync("said again");
        await subscriber.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-4.3.3-1", "MQTT-4.4.0-1")]
    public async Task A_subscriber_may_end_at_another_gateway_what_came_with_QoS_2()
    {
        var id = Unique.ClientId();
        int packetId;
        await using (var subscriber = await Near.ConnectAsync(id, clean: false))
        {
            await subscriber.SubscribeAsync(_topic, 2);
            await using var publisher = await Far.ConnectAsync();
            await publisher.PublishAsync(_topic, "once", qos: 2);
            packetId = (await subscriber.HearUnansweredAsync()).PacketId;
            await subscriber.SendAsync(Packet.PubRec(packetId));
            await subscriber.AnswerAsync(RawType.PubRel, packetId);
            subscriber.Abort();
        }

        await using var again = await Far.ConnectAsync(id, clean: false);
        await again.AnswerAsync(RawType.PubRel, packetId); // and no PUBLISH: it has been received
        await again.SendAsync(Packet.PubComp(packetId));
        await again.ExpectNothingAsync();
    }
}
