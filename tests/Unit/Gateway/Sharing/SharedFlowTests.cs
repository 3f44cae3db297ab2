using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Sharing;

public class SharedFlowTests
{
    private const string Filter = "$share/g/a";
    private const ushort First = 33_000;

    private readonly Wire _wire = new();
    private readonly ConcurrentQueue<string> _settled = new();
    private readonly Outbox _outbox;
    private readonly SharedFlow _flow;
    private Func<Task> _onSettle = () => Task.CompletedTask;
    private long _offers;

    public SharedFlowTests()
    {
        _outbox = new Outbox(_wire.Output, new ClientTerms(ProtocolVersion.V311), int.MaxValue, TimeProvider.System);
        _flow = NewFlow(quota: null);
        _flow.Subscribe(new Subscription { Filter = Filter, QoS = QoS.ExactlyOnce });
    }

    [Fact]
    public void Acknowledgements_find_their_way_back_to_the_share()
    {
        Assert.Equal(ShareAnswer.Taken, Offer(Message(5, QoS.AtLeastOnce), Message(3, QoS.AtMostOnce), Message(7, QoS.ExactlyOnce)));
        Assert.Equal([$"PUBLISH {First + 5} a=5", "PUBLISH a=3", $"PUBLISH {First + 7} a=7"], _wire.Said());

        Ack(PacketType.PubAck, 5);
        Ack(PacketType.PubRec, 7);
        Ack(PacketType.PubComp, 7);

        Assert.Equal([$"{Filter} Acknowledged 5", $"{Filter} Received 7", $"{Filter} Completed 7"], _settled);
        Assert.Equal([$"PUBREL {First + 7}"], _wire.Said());
    }

    [Fact]
    public async Task PUBREL_leaves_when_the_share_has_stored_the_PUBREC_and_not_before()
    {
        var stored = new TaskCompletionSource();
        _onSettle = () => stored.Task;
        Offer(Message(0, QoS.ExactlyOnce));
        Ack(PacketType.PubRec, 0);
        _outbox.Flush();
        Assert.Equal([$"PUBLISH {First} a=0"], _wire.Said());

        stored.SetResult();

        Assert.Equal([$"PUBREL {First}"], await _wire.HearsAsync(1));
    }

    [Fact]
    public void An_offer_that_comes_again_is_not_taken_again_though_all_of_it_was_finished()
    {
        var offer = NewOffer(Message(0, QoS.AtLeastOnce));
        _flow.Deliver(offer);
        Ack(PacketType.PubAck, 0);

        Assert.Equal(ShareAnswer.Taken, _flow.Deliver(offer));
        Assert.Equal([$"PUBLISH {First} a=0"], _wire.Said());
    }

    [Fact]
    public void What_is_open_and_offered_again_by_a_share_that_was_taken_up_anew_goes_out_once()
    {
        Offer(Message(0, QoS.ExactlyOnce), Message(1, QoS.ExactlyOnce));
        Ack(PacketType.PubRec, 1);
        _wire.Said();

        Offer(Message(0, QoS.ExactlyOnce, RecordFlags.Dup), Message(1, QoS.ExactlyOnce, RecordFlags.Dup));

        Assert.Empty(_wire.Said());
    }

    [Fact]
    public void Who_comes_back_is_sent_what_is_to_be_finished_though_it_is_not_subscribed_any_more()
    {
        _flow.Unsubscribe(Filter);
        Assert.Equal(ShareAnswer.NotSubscribed, Offer(Message(0, QoS.ExactlyOnce)));
        Assert.Equal(ShareAnswer.NotSubscribed, Offer(Message(1, QoS.ExactlyOnce, RecordFlags.Dup), Message(2, QoS.ExactlyOnce)));

        Assert.Equal(
            ShareAnswer.Taken,
            Offer(Message(1, QoS.ExactlyOnce, RecordFlags.Dup), Message(3, QoS.ExactlyOnce, RecordFlags.Release)));

        Assert.Equal([$"PUBLISH {First + 1} a=1 dup", $"PUBREL {First + 3}"], _wire.Said());
    }

    [Fact]
    public void An_identifier_that_is_still_open_is_waited_for_and_once_only()
    {
        Offer(Message(0, QoS.AtLeastOnce));
        var again = Message(9, QoS.AtLeastOnce);
        MessageRecord.PatchSequence(again, First);
        Offer(again);
        Offer(again);
        Assert.Equal([$"PUBLISH {First} a=0"], _wire.Said());

        Ack(PacketType.PubAck, 0);
        Assert.Equal([$"PUBLISH {First} a=9"], _wire.Said());
        Ack(PacketType.PubAck, 0);
        Assert.Empty(_wire.Said());
        Assert.Equal([$"{Filter} Acknowledged 0", $"{Filter} Acknowledged 9"], _settled);
    }

    [Fact]
    public void Nothing_comes_before_the_SUBACK()
    {
        _flow.Hold();
        Assert.Equal(ShareAnswer.Taken, Offer(Message(0, QoS.AtLeastOnce)));
        Assert.Empty(_wire.Said());
        _flow.Continue();
        Assert.Equal([$"PUBLISH {First} a=0"], _wire.Said());
    }

    [Fact]
    public void What_does_not_fit_tells_the_share_nothing()
    {
        Ack(PacketType.PubAck, 0);
        Offer(Message(0, QoS.AtLeastOnce), Message(1, QoS.ExactlyOnce));
        Ack(PacketType.PubRec, 0);
        Ack(PacketType.PubComp, 0);
        Ack(PacketType.PubAck, 1);
        Ack(PacketType.PubComp, 1);

        Assert.Empty(_settled);
        _wire.Said();
        Ack(PacketType.PubRec, 77); // it is to end its part of what nobody knows
        _outbox.Flush();
        Assert.Equal([$"PUBREL {First + 77}"], _wire.Said());
    }

    [Fact]
    public void The_quota_holds_for_what_is_open_and_what_waits_goes_as_it_is_given_back()
    {
        var quota = new SendQuota(2);
        var flow = NewFlow(quota);
        flow.Subscribe(new Subscription { Filter = Filter, QoS = QoS.ExactlyOnce });
        Assert.True(quota.TryTake()); // by another flow

        flow.Deliver(NewOffer(Message(0, QoS.AtLeastOnce), Message(1, QoS.AtLeastOnce), Message(2, QoS.AtMostOnce)));
        Assert.Equal([$"PUBLISH {First} a=0", "PUBLISH a=2"], _wire.Said());
        quota.Give();
        flow.SendWaiting();
        Assert.Equal([$"PUBLISH {First + 1} a=1"], _wire.Said());
    }

    [Fact]
    public void The_quota_never_has_more_than_it_began_with()
    {
        var quota = new SendQuota(1);
        quota.Give();
        Assert.True(quota.TryTake());
        Assert.False(quota.TryTake());
    }

    private static byte[] Message(long position, QoS qos, RecordFlags flags = RecordFlags.None) => Records.Of(
        "a", $"{position}", qos, flags, position: position, sequence: qos is QoS.AtMostOnce ? 0 : (ulong)(First + position));

    private SharedFlow NewFlow(SendQuota? quota)
    {
        var grains = FakeGrains.Of(filter => FakeGrain.Of<IShareGrain>((nameof(IShareGrain.Settle), args =>
        {
            Assert.Equal("alice", args[0]);
            foreach (var settlement in (Settlement[])args[1]!)
                _settled.Enqueue($"{filter} {settlement.Kind} {settlement.Position}");
            return _onSettle();
        })));
        return new SharedFlow(
            _outbox,
            new ShareSettlements(grains, "alice", _outbox, new HastyTime(), NullLogger.Instance, CancellationToken.None),
            quota);
    }

    private ShareOffer NewOffer(params byte[][] records) => new(Filter, ++_offers, Records.Batch(records));

    private ShareAnswer Offer(params byte[][] records) => _flow.Deliver(NewOffer(records));

    private void Ack(PacketType type, int number)
    {
        _flow.OnAck(new AckPacket(type, (ushort)(First + number)));
        _flow.Settle();
        _outbox.Flush();
    }
}
