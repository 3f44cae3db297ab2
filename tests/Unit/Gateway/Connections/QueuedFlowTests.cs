using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class QueuedFlowTests
{
    private const long First = 1_000_000;

    private readonly Wire _wire = new();
    private readonly ConcurrentQueue<Settlement> _settled = new();
    private readonly Outbox _outbox;
    private readonly QueuedFlow _flow;
    private Func<Task> _onSettle = () => Task.CompletedTask;
    private Exception? _failure;

    public QueuedFlowTests()
    {
        _outbox = TestGateway.NewOutbox(_wire);
        var session = FakeGrain.Of<ISessionHostGrain>((nameof(ISessionHostGrain.Settle), args =>
        {
            foreach (var settlement in (Settlement[])args[1]!)
                _settled.Enqueue(settlement);
            return _onSettle();
        }));
        _flow = new QueuedFlow(_outbox, new Settlements(
            session, 7, _outbox, failure => _failure = failure, new HastyTime(), NullLogger.Instance, CancellationToken.None),
            new OwnSubscriptions(), listener: 11);
    }

    [Fact]
    public void A_position_becomes_a_packet_identifier_and_an_acknowledgement_the_position_again()
    {
        Deliver(Message(0, QoS.AtLeastOnce), Message(1, QoS.AtMostOnce), Message(2, QoS.AtLeastOnce, RecordFlags.Dup));
        Assert.Equal([$"PUBLISH {Id(0)} a=0", "PUBLISH a=1", $"PUBLISH {Id(2)} a=2 dup"], _wire.Said());

        Ack(PacketType.PubAck, 2);
        Ack(PacketType.PubAck, 0);

        Assert.Equal([Settled(2, SettlementKind.Acknowledged), Settled(0, SettlementKind.Acknowledged)], _settled);
    }

    [Fact]
    public async Task PUBREL_leaves_when_the_session_has_stored_the_PUBREC_and_not_before()
    {
        var stored = new TaskCompletionSource();
        _onSettle = () => stored.Task;
        Deliver(Message(0, QoS.ExactlyOnce));
        Ack(PacketType.PubRec, 0);
        _outbox.Flush();
        Assert.Equal([$"PUBLISH {Id(0)} a=0"], _wire.Said());

        stored.SetResult();

        Assert.Equal([$"PUBREL {Id(0)}"], await _wire.HearsAsync(1));
        Ack(PacketType.PubComp, 0);
        Assert.Equal([Settled(0, SettlementKind.Received), Settled(0, SettlementKind.Completed)], _settled);
    }

    [Fact]
    public void What_does_not_fit_tells_the_session_nothing_so_a_flood_of_it_costs_nothing()
    {
        Ack(PacketType.PubAck, 0); // nothing was ever sent
        Deliver(Message(0, QoS.AtLeastOnce), Message(1, QoS.ExactlyOnce));
        Ack(PacketType.PubAck, 1);
        Ack(PacketType.PubComp, 1);
        Ack(PacketType.PubRec, 0);
        Ack(PacketType.PubAck, -5);
        Assert.Empty(_settled);

        _wire.Said();
        Ack(PacketType.PubRec, -5);
        _outbox.Flush();
        Assert.Equal([$"PUBREL {Id(-5)}"], _wire.Said());
    }

    [Fact]
    public void What_is_offered_again_is_not_sent_again_and_what_was_settled_is_settled_again()
    {
        Deliver(Message(0, QoS.AtLeastOnce), Message(1, QoS.AtLeastOnce));
        Ack(PacketType.PubAck, 0);
        _wire.Said();
        _settled.Clear();

        // Another activation took the session up from the store, which had not heard of the acknowledgement.
        Deliver(Message(0, QoS.AtLeastOnce, RecordFlags.Dup), Message(1, QoS.AtLeastOnce, RecordFlags.Dup), Message(2, QoS.AtLeastOnce));

        Assert.Equal([$"PUBLISH {Id(2)} a=2"], _wire.Said());
        Assert.Equal([Settled(0, SettlementKind.Acknowledged)], _settled);
    }

    [Fact]
    public void A_PUBREL_that_is_offered_again_is_owed_only_while_its_PUBCOMP_is_out()
    {
        Deliver(Message(0, QoS.ExactlyOnce));
        Ack(PacketType.PubRec, 0);
        _wire.Said();
        _settled.Clear();

        Deliver(Message(0, QoS.ExactlyOnce, RecordFlags.Release));
        Assert.Empty(_wire.Said());
        Assert.Empty(_settled);

        Ack(PacketType.PubComp, 0);
        Deliver(Message(0, QoS.ExactlyOnce, RecordFlags.Release));
        Assert.Empty(_wire.Said());
        Assert.Equal([Settled(0, SettlementKind.Completed), Settled(0, SettlementKind.Completed)], _settled);
    }

    [Fact]
    public void A_PUBREL_of_an_earlier_connection_is_sent_and_completed()
    {
        Deliver(Message(0, QoS.ExactlyOnce, RecordFlags.Release));
        Assert.Equal([$"PUBREL {Id(0)}"], _wire.Said());

        Ack(PacketType.PubComp, 0);
        Assert.Equal([Settled(0, SettlementKind.Completed)], _settled);
    }

    [Fact]
    public void Deliveries_wait_for_the_SUBACK()
    {
        _flow.Hold();
        Deliver(Message(0, QoS.AtLeastOnce));
        Deliver(Message(1, QoS.AtLeastOnce));
        Assert.Empty(_wire.Said());

        _flow.Continue();

        Assert.Equal([$"PUBLISH {Id(0)} a=0", $"PUBLISH {Id(1)} a=1"], _wire.Said());
        Deliver(Message(2, QoS.AtLeastOnce));
        Assert.Single(_wire.Said());
    }

    [Fact]
    public async Task A_session_that_does_not_answer_is_told_again()
    {
        var calls = 0;
        _onSettle = () => ++calls < 3 ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        Deliver(Message(0, QoS.ExactlyOnce));
        _wire.Said();

        Ack(PacketType.PubRec, 0);

        Assert.Equal([$"PUBREL {Id(0)}"], await _wire.HearsAsync(1));
        Assert.Equal(3, calls);
    }

    [Fact]
    public void A_connection_whose_session_belongs_to_another_is_ended()
    {
        _onSettle = () => Task.FromException(new StaleEpochException());
        Deliver(Message(0, QoS.AtLeastOnce));

        Ack(PacketType.PubAck, 0);

        Assert.IsType<StaleEpochException>(_failure);
    }

    private static ushort Id(int offset) => PacketIdentifiers.Of(First + offset);

    private static Settlement Settled(int offset, SettlementKind kind) => new(First + offset, kind);

    private static byte[] Message(int offset, QoS qos, RecordFlags flags = RecordFlags.None) =>
        Records.Of(payload: $"{offset}", qos: qos, flags: flags, position: First + offset);

    private void Deliver(params byte[][] records) => _flow.Deliver(Records.Batch(records));

    private void Ack(PacketType type, int offset)
    {
        _flow.OnAck(new AckPacket(type, Id(offset)));
        _flow.Settle();
    }
}
