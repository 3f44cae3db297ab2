using System.IO.Pipelines;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

/// <summary>What an outbox does for a client of MQTT 5.</summary>
public class Outbox5Tests
{
    private readonly Wire _wire = new() { Version = ProtocolVersion.V5 };
    private readonly HastyTime _time = new();

    [Fact]
    public void A_message_says_what_is_left_of_its_life_and_goes_nowhere_when_it_is_over()
    {
        var outbox = TestGateway.NewOutbox(_wire, TestGateway.Terms5, _time);
        var expiry = MessageExpiry.From(10, _time.GetUtcNow());
        Assert.Equal(Posted.Taken, Publish(outbox, "1", expiry: expiry));

        Pass(TimeSpan.FromSeconds(9.5));
        Assert.Equal(Posted.Taken, Publish(outbox, "2", expiry: expiry));
        Pass(TimeSpan.FromSeconds(0.5));
        Assert.Equal(Posted.Discarded, Publish(outbox, "3", expiry: expiry));
        Assert.Equal(Posted.Taken, Publish(outbox, "4", expiry: expiry, dup: true)); // sent before, so it is finished

        Assert.Equal(
            ["PUBLISH 1 a=1 expires in 10", "PUBLISH 1 a=2 expires in 0", "PUBLISH 1 a=4 dup expires in 0"], Said(outbox));
    }

    [Fact]
    public void An_older_client_does_not_get_what_is_over_either()
    {
        var outbox = TestGateway.NewOutbox(_wire, time: _time);
        var expiry = MessageExpiry.From(1, _time.GetUtcNow());
        Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(Posted.Discarded, Publish(outbox, "1", expiry: expiry));
    }

    [Fact]
    public void What_is_too_large_is_left_out_and_what_fits_without_its_new_alias_is_not()
    {
        const string Topic = "topic/of/some/length";
        var size = 2 + 2 + Topic.Length + 2 + 1 + 4;
        var outbox = TestGateway.NewOutbox(_wire, TestGateway.Terms5 with { MaximumPacketSize = size, TopicAliases = 5 });

        Assert.Equal(Posted.Taken, Publish(outbox, "1234", Topic));
        Assert.Equal(Posted.Discarded, Publish(outbox, "12345", Topic));
        Assert.Equal(Posted.Taken, Publish(outbox, "5678", Topic));
        Assert.Equal([$"PUBLISH 1 {Topic}=1234", $"PUBLISH 1 {Topic}=5678"], Said(outbox));
    }

    [Fact]
    public void An_alias_saves_the_topic_and_lets_more_through()
    {
        var outbox = TestGateway.NewOutbox(_wire, TestGateway.Terms5 with { TopicAliases = 5 });
        for (var i = 1; i <= 3; i++)
            Publish(outbox, $"{i}", "topic");
        Assert.Equal(["PUBLISH 1 topic=1 alias 1", "PUBLISH 1 =2 alias 1", "PUBLISH 1 =3 alias 1"], Said(outbox));
    }

    [Fact]
    public void A_large_payload_with_properties_for_one_receiver_is_written_whole()
    {
        var outbox = TestGateway.NewOutbox(_wire, TestGateway.Terms5);
        var payload = new string('x', 100_000);
        outbox.TryPublish(
            new MessageRecord(Records.Of(payload: payload, properties: [1, 1])), QoS.AtLeastOnce, 9, retain: false, dup: false, [300, 1]);
        Assert.Equal([$"PUBLISH 9 a={payload} for 300 for 1 PayloadFormatIndicator"], Said(outbox));
    }

    [Fact]
    public async Task Last_words_leave_though_the_socket_is_full_and_nothing_follows_them()
    {
        var wire = new Wire(new Pipe(new PipeOptions(
            pauseWriterThreshold: 64, resumeWriterThreshold: 32, useSynchronizationContext: false))) { Version = ProtocolVersion.V5 };
        var outbox = TestGateway.NewOutbox(wire, TestGateway.Terms5);
        outbox.Write(new ConnAckPacket());
        outbox.Flush();
        for (var i = 0; i < 10; i++)
        {
            Publish(outbox, $"{i}23456789");
            outbox.Flush();
        }

        var sent = outbox.CloseAsync(new DisconnectPacket { Reason = ReasonCode.SessionTakenOver });
        Assert.False(sent.IsCompleted);
        Assert.Equal(Posted.NotTaken, Publish(outbox, "late"));
        outbox.WriteAck(PacketType.PubAck, 1);

        var heard = await wire.HearsAsync(12);
        await sent.Soon();
        Assert.Equal(("CONNACK", "DISCONNECT SessionTakenOver"), (heard[0], heard[^1]));
    }

    [Fact]
    public async Task Before_CONNACK_there_are_no_last_words()
    {
        var outbox = TestGateway.NewOutbox(_wire, TestGateway.Terms5);
        await outbox.CloseAsync(new DisconnectPacket { Reason = ReasonCode.SessionTakenOver }).Soon();
        Assert.Empty(_wire.Said());
        Assert.False(outbox.Write(new ConnAckPacket(), then: () => { }));
    }

    [Fact]
    public void An_acknowledgement_says_why_in_words_where_they_fit()
    {
        foreach (var (terms, length) in new[]
        {
            (TestGateway.Terms5, 60L), (TestGateway.Terms5 with { MaximumPacketSize = 20 }, 5),
            (TestGateway.Terms5 with { WantsReasons = false }, 5), (new ClientTerms(ProtocolVersion.V311), 4),
        })
        {
            var wire = new Wire();
            var outbox = TestGateway.NewOutbox(wire, terms);
            outbox.WriteAck(PacketType.PubAck, 1, ReasonCode.NotAuthorized);
            outbox.Flush();
            var said = wire.Discard();
            Assert.True(length == 60 ? said > 20 : said == length, $"{said} bytes");
        }
    }

    private static Posted Publish(Outbox outbox, string payload, string topic = "a", uint expiry = 0, bool dup = false) =>
        outbox.TryPublish(
            new MessageRecord(Records.Of(topic, payload, expiry: expiry)), QoS.AtLeastOnce, 1, retain: false, dup);

    private List<string> Said(Outbox outbox)
    {
        outbox.Flush();
        return _wire.Said();
    }

    // The clock of the tests goes on by what is waited for.
    private void Pass(TimeSpan span) => _time.CreateTimer(_ => { }, null, span, Timeout.InfiniteTimeSpan).Dispose();
}
