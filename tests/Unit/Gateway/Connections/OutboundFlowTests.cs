using System.Globalization;
using CsCheck;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class OutboundFlowTests
{
    private readonly Wire _wire = new();
    private readonly Outbox _outbox;

    public OutboundFlowTests() => _outbox = TestGateway.NewOutbox(_wire);

    [Fact]
    public void No_more_than_the_window_is_unacknowledged_and_the_rest_follows_in_order()
    {
        var flow = New(window: 2);
        for (var i = 1; i <= 4; i++)
            Assert.True(Publish(flow, $"{i}"));
        Assert.Equal(["PUBLISH 1 a=1", "PUBLISH 2 a=2"], Said());

        Ack(flow, PacketType.PubAck, 2);
        Assert.Equal(["PUBLISH 3 a=3"], Said());
        Ack(flow, PacketType.PubAck, 2); // once more: says nothing new
        Assert.Empty(Said());
        Ack(flow, PacketType.PubAck, 1);
        Assert.Equal(["PUBLISH 4 a=4"], Said());
    }

    [Fact]
    public void QoS_2_keeps_its_place_in_the_window_until_PUBCOMP()
    {
        var flow = New(window: 1);
        Publish(flow, "1", QoS.ExactlyOnce);
        Publish(flow, "2", QoS.ExactlyOnce, retain: true);
        Ack(flow, PacketType.PubComp, 1); // before its time
        Ack(flow, PacketType.PubRec, 1);
        Assert.Equal(["PUBLISH 1 a=1", "PUBREL 1"], Said());

        Ack(flow, PacketType.PubComp, 1);
        Assert.Equal(["PUBLISH 2 a=2 retain"], Said());
    }

    [Fact]
    public void PUBREC_of_an_unknown_packet_is_answered_so_that_the_client_can_end_its_part()
    {
        Ack(New(window: 1), PacketType.PubRec, 77);
        Assert.Equal(["PUBREL 77"], Said());
    }

    [Fact]
    public void What_one_read_brought_is_settled_together()
    {
        var flow = New(window: 2);
        for (var i = 1; i <= 5; i++)
            Publish(flow, $"{i}");
        flow.OnAck(new AckPacket(PacketType.PubAck, 1));
        flow.OnAck(new AckPacket(PacketType.PubAck, 2));
        Assert.Equal(["PUBLISH 1 a=1", "PUBLISH 2 a=2"], Said());

        flow.Settle();
        flow.Settle(); // nothing is left to settle
        Assert.Equal(["PUBLISH 3 a=3", "PUBLISH 4 a=4"], Said());
    }

    [Theory]
    [InlineData(3, int.MaxValue)]
    [InlineData(1000, 3 * 42)]
    public async Task What_waits_is_bounded_and_who_can_wait_is_told_of_room(int messages, int bytes)
    {
        var flow = New(window: 1, messages, bytes);
        for (var i = 0; i < 4; i++)
            Assert.True(Publish(flow, "x"));
        Assert.False(Publish(flow, "x"));
        var room = flow.WaitForRoomAsync();
        Assert.False(room.IsCompleted);

        for (ushort id = 1; id <= 3; id++)
            Ack(flow, PacketType.PubAck, id);

        await room.Soon();
        Assert.True(Publish(flow, "x"));
    }

    [Fact]
    public async Task A_limit_of_one_still_lets_those_who_wait_go_on()
    {
        var flow = New(window: 1, messages: 1);
        Assert.True(flow.WaitForRoomAsync().IsCompleted);
        Publish(flow, "1");
        Publish(flow, "2");
        var room = flow.WaitForRoomAsync();

        Ack(flow, PacketType.PubAck, 1);

        await room.Soon();
    }

    [Fact]
    public async Task The_end_of_the_connection_ends_the_wait_and_nothing_is_kept_any_more()
    {
        var flow = New(window: 1, messages: 1);
        Publish(flow, "1");
        Publish(flow, "2");
        var room = flow.WaitForRoomAsync();

        flow.Close();

        await room.Soon();
        Assert.False(Publish(flow, "3"));
        Assert.True(flow.WaitForRoomAsync().IsCompleted);
    }

    [Fact]
    public void Packet_identifiers_wrap_around_past_those_in_flight()
    {
        var flow = New(window: 3);
        Publish(flow, "first");
        Assert.Equal(["PUBLISH 1 a=first"], Said());
        for (var i = 0; i < PacketIdentifiers.Span; i++)
        {
            Publish(flow, "x");
            var packetId = ushort.Parse(Assert.Single(Said()).Split(' ')[1], CultureInfo.InvariantCulture);
            Assert.InRange(packetId, 2, PacketIdentifiers.Span); // neither 0 nor the one that is still in flight
            Ack(flow, PacketType.PubAck, packetId);
        }
    }

    [Fact]
    public void Whatever_is_acknowledged_when_all_messages_come_in_order_within_the_window() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 5]).Array[0, 200].Sample(steps =>
        {
            var wire = new Wire();
            var outbox = TestGateway.NewOutbox(wire);
            var flow = new OutboundFlow(outbox, new GatewayOptions(), 4, new GatewayMetrics(Meters.None));
            var open = new List<(string Id, int Message, bool IsReleased)>();
            var published = 0;
            var heard = new List<int>();
            foreach (var (verb, choice) in steps)
            {
                if (verb < 5)
                    flow.TryPublish(new MessageRecord(Records.Of(payload: $"{++published}")), (QoS)((published % 2) + 1), false);
                else if (open.Count > 0)
                    Answer(flow, open, choice % open.Count);

                outbox.Flush();
                foreach (var said in wire.Said().Where(said => said.StartsWith("PUBLISH", StringComparison.Ordinal)))
                {
                    var id = said.Split(' ')[1];
                    Assert.DoesNotContain(open, known => known.Id == id);
                    heard.Add(int.Parse(said.Split('=')[1], CultureInfo.InvariantCulture));
                    open.Add((id, heard[^1], false));
                    Assert.True(open.Count <= 4);
                }
            }

            Assert.Equal(Enumerable.Range(1, heard.Count), heard);
            Assert.True(open.Count == 4 || heard.Count == published);
        }, iter: 100);

    private static void Answer(OutboundFlow flow, List<(string Id, int Message, bool IsReleased)> open, int at)
    {
        var (id, message, isReleased) = open[at];
        var packetId = ushort.Parse(id, CultureInfo.InvariantCulture);
        var isExactlyOnce = message % 2 == 1;
        var type = !isExactlyOnce ? PacketType.PubAck : isReleased ? PacketType.PubComp : PacketType.PubRec;
        Ack(flow, type, packetId);
        if (type is PacketType.PubRec)
            open[at] = (id, message, true);
        else
            open.RemoveAt(at);
    }

    private OutboundFlow New(int window, int messages = 1000, int bytes = int.MaxValue) => new(
        _outbox, new GatewayOptions { MaximumWaitingMessages = messages, MaximumWaitingBytes = bytes }, window,
        new GatewayMetrics(Meters.None));

    private static bool Publish(OutboundFlow flow, string payload, QoS qos = QoS.AtLeastOnce, bool retain = false) =>
        flow.TryPublish(new MessageRecord(Records.Of(payload: payload)), qos, retain);

    private static void Ack(OutboundFlow flow, PacketType type, ushort packetId)
    {
        flow.OnAck(new AckPacket(type, packetId));
        flow.Settle();
    }

    private List<string> Said()
    {
        _outbox.Flush();
        return _wire.Said();
    }
}
