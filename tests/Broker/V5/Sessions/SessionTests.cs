using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Sessions;

/// <summary>Sections 3.1.2.4, 3.1.2.11.2, 4.1 and 4.4: what outlives a connection, and what comes again.</summary>
public sealed class SessionTests(SharedBroker broker)
{
    private readonly string _id = Unique.ClientId();
    private readonly string _topic = Unique.Topic();

    private static Props Lasting => new Props().Int(Prop.SessionExpiry, 600);

    [Fact, Spec("MQTT-3.1.2-5", "MQTT-3.1.2-6", "MQTT-3.1.2-23", "MQTT-3.1.3-2", "MQTT-3.2.2-3", "MQTT-4.5.0-1", "MQTT-3.1.4-4")]
    public async Task A_session_with_an_expiry_outlives_its_connection()
    {
        await using (var first = await broker.Connect5Async(Lasting, _id, clean: false))
        {
            Assert.False(first.SessionPresent);
            await first.SubscribeAsync(_topic, 2);
            await first.DisconnectAsync();
        }

        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync(_topic, "meanwhile", 2);

        await using var again = await broker.Connect5Async(Lasting, _id, clean: false);
        Assert.True(again.SessionPresent);
        await again.ExpectTextAsync("meanwhile");
        await bob.PublishAsync(_topic, "live", 1);
        await again.ExpectTextAsync("live");
    }

    [Theory, InlineData(false), InlineData(true), Spec("MQTT-3.1.2-4", "MQTT-3.2.2-2", "MQTT-4.1.0-2")]
    public async Task Without_an_expiry_it_ends_with_its_connection_and_with_Clean_Start_it_begins_anew(bool clean)
    {
        await using (var first = await broker.Connect5Async(clean ? Lasting : null, _id, clean: false))
        {
            await first.SubscribeAsync(_topic, 1);
            await first.DisconnectAsync();
        }

        await using var again = await broker.Connect5Async(Lasting, _id, clean);
        Assert.False(again.SessionPresent);
        await again.PublishAsync(_topic, "nobody", 1);
        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-23")]
    public async Task The_longest_expiry_is_for_ever()
    {
        var forever = new Props().Int(Prop.SessionExpiry, uint.MaxValue);
        await using (var first = await broker.Connect5Async(forever, _id))
        {
            Assert.False(first.Welcome.Has(Prop.SessionExpiry));
            first.Abort();
        }

        await using var again = await broker.Connect5Async(forever, _id, clean: false);
        Assert.True(again.SessionPresent);
    }

    [Fact, Spec("MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-3.3.1-3", "MQTT-4.3.2-3", "MQTT-4.3.3-3", "MQTT-4.3.3-5", "MQTT-4.3.3-6", "MQTT-4.1.0-1")]
    public async Task What_was_not_acknowledged_comes_again_with_its_id_and_nothing_else_does()
    {
        await using var bob = await broker.Connect5Async();
        List<Heard> heard = [];
        await using (var first = await broker.Connect5Async(Lasting, _id))
        {
            await first.SubscribeAsync(_topic, 2);
            foreach (var (text, qos) in new[] { ("a", 1), ("b", 1), ("c", 2), ("d", 2), ("e", 2) })
            {
                await bob.PublishAsync(_topic, text, qos);
                heard.Add(await first.HearUnansweredAsync());
            }

            await first.AcknowledgeAsync(heard[0]);
            await first.AcknowledgeAsync(heard[2]);
            await first.SendAsync(Packet.PubRec(heard[3].PacketId));
            await first.AnswerAsync(RawType.PubRel, heard[3].PacketId);
            await first.ExpectNothingAsync();
            first.Abort();
        }

        await using var again = await broker.Connect5Async(Lasting, _id, clean: false);
        var b = await again.HearAsync();
        Assert.Equal(("b", true, heard[1].PacketId), (b.Text, b.Dup, b.PacketId));
        await again.AnswerAsync(RawType.PubRel, heard[3].PacketId);
        await again.SendAsync(Packet.PubComp(heard[3].PacketId));
        var e = await again.HearAsync();
        Assert.Equal(("e", true, heard[4].PacketId), (e.Text, e.Dup, e.PacketId));
        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.4.0-2", "MQTT-4.3.3-4")]
    public async Task What_the_client_refused_does_not_come_again()
    {
        await using var bob = await broker.Connect5Async();
        await using (var first = await broker.Connect5Async(Lasting, _id))
        {
            await first.SubscribeAsync(_topic, 2);
            for (var qos = 1; qos <= 2; qos++)
            {
                await bob.PublishAsync(_topic, "refused", qos);
                var heard = await first.HearUnansweredAsync();
                var type = qos == 1 ? RawType.PubAck : RawType.PubRec;
                await first.SendAsync(Packet.Ack(type, heard.PacketId, 0x97, new Props().Text(Prop.ReasonString, "full")));
                await first.ExpectNothingAsync();
            }

            await first.DisconnectAsync();
        }

        await using var again = await broker.Connect5Async(Lasting, _id, clean: false);
        await bob.PublishAsync(_topic, "fence", 2);
        await again.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-4.3.3-10", "MQTT-4.4.0-1", "MQTT-3.1.2-5")]
    public async Task A_publisher_that_comes_back_finishes_what_it_began()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, 2);
        await using (var first = await broker.Connect5Async(Lasting, _id))
        {
            await first.SendAsync(Packet.Publish(_topic, "once", 2, 9, properties: new Props()));
            await first.AnswerAsync(RawType.PubRec, 9);
            first.Abort();
        }

        await alice.ExpectTextAsync("once");
        await using var again = await broker.Connect5Async(Lasting, _id, clean: false);
        await again.SendAsync(Packet.Publish(_topic, "once", 2, 9, dup: true, properties: new Props()));
        await again.AnswerAsync(RawType.PubRec, 9);
        await again.SendAsync(Packet.PubRel(9));
        Assert.Equal(0, (await again.AnswerAsync(RawType.PubComp, 9)).Reason);
        await again.PublishAsync(_topic, "fence", 2);
        await alice.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-4.4.0-1")]
    public async Task PUBREL_alone_is_enough_for_a_publisher_that_comes_back()
    {
        await using (var first = await broker.Connect5Async(Lasting, _id))
        {
            await first.SendAsync(Packet.Publish(_topic, "once", 2, 9, properties: new Props()));
            await first.AnswerAsync(RawType.PubRec, 9);
            first.Abort();
        }

        await using var again = await broker.Connect5Async(Lasting, _id, clean: false);
        await again.SendAsync(Packet.PubRel(9));
        Assert.Equal(0, (await again.AnswerAsync(RawType.PubComp, 9)).Reason);
    }

    [Fact, Spec("MQTT-2.2.1-4", "MQTT-4.3.2-1", "MQTT-4.3.3-1")]
    public async Task Packet_ids_differ_while_they_are_in_use()
    {
        const int Count = 90;
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, 2);
        await using var bob = await broker.Connect5Async();
        for (var i = 0; i < Count; i++)
            await bob.PublishAsync(_topic, $"{i}", 1 + (i % 2));

        var ids = new HashSet<int>();
        for (var i = 0; i < Count; i++)
        {
            var heard = await alice.HearUnansweredAsync();
            Assert.NotEqual(0, heard.PacketId);
            Assert.True(ids.Add(heard.PacketId));
        }
    }
}
