using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

/// <summary>What the flows towards a client do in MQTT 5: refusals, what cannot be sent, subscription identifiers.</summary>
public class Flow5Tests
{
    private const long First = 1_000;
    private const ulong Listener = 11;

    private readonly Wire _wire = new() { Version = ProtocolVersion.V5 };
    private readonly ConcurrentQueue<Settlement> _settled = new();
    private readonly OwnSubscriptions _own = new();
    private readonly Outbox _outbox;

    public Flow5Tests() => _outbox = TestGateway.NewOutbox(
        _wire, TestGateway.Terms5 with { WantsReasons = false, MaximumPacketSize = 60 });

    [Fact]
    public void A_refusal_or_a_message_that_cannot_be_sent_makes_room_in_the_window()
    {
        var flow = new OutboundFlow(_outbox, new GatewayOptions(), window: 1, new GatewayMetrics(Meters.None));
        foreach (var payload in new[] { "1", new string('x', 99), "2", "3" })
            Assert.True(flow.TryPublish(new MessageRecord(Records.Of(payload: payload)), QoS.ExactlyOnce, retain: false, [5, 6]));
        Assert.Equal(["PUBLISH 1 a=1 for 5 for 6"], Said());

        flow.OnAck(new AckPacket(PacketType.PubRec, 1, ReasonCode.QuotaExceeded));
        flow.Settle();
        Assert.Equal(["PUBLISH 3 a=2 for 5 for 6"], Said());
        flow.OnAck(new AckPacket(PacketType.PubRec, 3));
        flow.OnAck(new AckPacket(PacketType.PubRec, 9, ReasonCode.QuotaExceeded)); // of nothing: says nothing
        flow.OnAck(new AckPacket(PacketType.PubRec, 8));
        flow.Settle();
        Assert.Equal(["PUBREL 3", "PUBREL 8 PacketIdentifierNotFound"], Said());
        flow.OnAck(new AckPacket(PacketType.PubComp, 3, ReasonCode.PacketIdentifierNotFound));
        flow.Settle();
        Assert.Equal(["PUBLISH 4 a=3 for 5 for 6"], Said());
    }

    [Fact]
    public void A_session_hears_of_refusals_and_of_what_cannot_be_sent()
    {
        var flow = NewQueued();
        Deliver(flow,
            Message(0, QoS.AtLeastOnce, "1"), Message(1, QoS.ExactlyOnce, new string('x', 99)), Message(2, QoS.ExactlyOnce, "2"),
            Message(3, QoS.AtMostOnce, new string('x', 99)));
        Assert.Equal([new Settlement(First + 1, SettlementKind.Refused)], _settled);

        Ack(flow, PacketType.PubAck, 0, ReasonCode.UnspecifiedError);
        Ack(flow, PacketType.PubRec, 2, ReasonCode.QuotaExceeded);
        Ack(flow, PacketType.PubRec, 2, ReasonCode.QuotaExceeded);

        Assert.Equal(
            [
                new Settlement(First + 1, SettlementKind.Refused), new Settlement(First, SettlementKind.Acknowledged),
                new Settlement(First + 2, SettlementKind.Refused),
            ],
            _settled);
        Assert.Equal([$"PUBLISH {Id(0)} a=1", $"PUBLISH {Id(2)} a=2"], Said());
    }

    [Fact]
    public void What_comes_out_of_the_queue_has_the_identifiers_and_the_RETAIN_that_its_subscriptions_want()
    {
        _own.Set(new Subscription { Filter = "a", QoS = QoS.AtLeastOnce, Identifier = 3, NoLocal = true }, []);
        _own.Set(new Subscription { Filter = "#", QoS = QoS.AtLeastOnce, Identifier = 4, RetainAsPublished = true }, []);
        var flow = NewQueued();

        Deliver(flow,
            Message(0, QoS.AtLeastOnce, "1", RecordFlags.Retain), Message(1, QoS.AtLeastOnce, "own", publisher: Listener),
            Message(2, QoS.AtLeastOnce, "retained", RecordFlags.Retained | RecordFlags.Retain, properties: [0x0B, 9]));

        Assert.Equal(
            [
                $"PUBLISH {Id(0)} a=1 retain for 3 for 4", $"PUBLISH {Id(1)} a=own for 4",
                $"PUBLISH {Id(2)} a=retained retain for 9",
            ],
            Said().ConvertAll(words => words.Replace("for 4 for 3", "for 3 for 4", StringComparison.Ordinal)));
    }

    private QueuedFlow NewQueued()
    {
        var session = FakeGrain.Of<ISessionHostGrain>((nameof(ISessionHostGrain.Settle), args =>
        {
            foreach (var settlement in (Settlement[])args[1]!)
                _settled.Enqueue(settlement);
            return Task.CompletedTask;
        }));
        var settlements = new Settlements(
            session, 7, _outbox, _ => { }, new HastyTime(), NullLogger.Instance, CancellationToken.None);
        return new QueuedFlow(_outbox, settlements, _own, Listener);
    }

    private static ushort Id(int offset) => PacketIdentifiers.Of(First + offset);

    private static byte[] Message(
        int offset, QoS qos, string payload, RecordFlags flags = RecordFlags.None, ulong publisher = 1, byte[]? properties = null) =>
        Records.Of(payload: payload, qos: qos, flags: flags, publisher: publisher, position: First + offset, properties: properties);

    private static void Deliver(QueuedFlow flow, params byte[][] records) => flow.Deliver(Records.Batch(records));

    private static void Ack(QueuedFlow flow, PacketType type, int offset, ReasonCode reason)
    {
        flow.OnAck(new AckPacket(type, Id(offset), reason));
        flow.Settle();
    }

    private List<string> Said()
    {
        _outbox.Flush();
        return _wire.Said();
    }
}
