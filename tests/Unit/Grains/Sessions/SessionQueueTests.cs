using CsCheck;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

public class SessionQueueTests
{
    private const int InMemory = 8;

    private enum Verb
    {
        Append,
        Store,
        Acknowledge,
        Trim,
        Offer,
        Connect,
        Drop,
        Tick,
        Expire,
        Reload,
    }

    private static readonly Gen<Verb> _verb = Gen.Frequency(
        (8, Gen.Const(Verb.Append)), (6, Gen.Const(Verb.Store)), (12, Gen.Const(Verb.Acknowledge)), (3, Gen.Const(Verb.Trim)),
        (10, Gen.Const(Verb.Offer)), (2, Gen.Const(Verb.Connect)), (2, Gen.Const(Verb.Drop)), (2, Gen.Const(Verb.Tick)),
        (2, Gen.Const(Verb.Expire)), (1, Gen.Const(Verb.Reload)));

    [Fact]
    public void Whatever_happens_in_whatever_order_nothing_is_lost_and_the_rules_of_MQTT_hold() =>
        Gen.Select(_verb, Gen.Int[0, 30]).Array[0, 150].Sample(steps =>
        {
            var model = new QueueModel(InMemory);
            foreach (var (verb, number) in steps)
            {
                Do(model, verb, number);
                model.CheckCounts();
            }

            Drain(model);
            Assert.All(model.All, message => Assert.True(message.IsDone));
            Assert.Equal(0, model.Queue.Count);
            Assert.Equal(0, model.Queue.Length);
        }, iter: 1_000);

    [Fact]
    public void What_is_in_flight_is_sent_again_although_later_messages_were_given_up_meanwhile()
    {
        var model = Filled(messages: 6, window: 2);
        model.Drop();

        model.Connect(2);
        model.Offer();

        Assert.Equal(2, model.MessagesInFlight);
        Assert.Equal(5, model.Queue.Count);
    }

    [Fact]
    public void A_PUBREL_is_not_held_up_by_a_PUBLISH_that_waits_for_a_smaller_window()
    {
        var model = new QueueModel(InMemory);
        model.Append(QoS.AtLeastOnce);
        model.Append(QoS.ExactlyOnce);
        model.Store();
        model.Connect(2);
        model.Offer();
        model.Acknowledge(1);

        model.Connect(1);
        model.Offer();

        Assert.Equal(2, model.MessagesInFlight);
    }

    [Fact]
    public void The_stored_list_of_a_session_that_is_away_does_not_grow_when_the_oldest_make_room()
    {
        var model = new QueueModel(InMemory);
        for (var i = 0; i < 100; i++)
        {
            model.Append(QoS.AtLeastOnce);
            model.Store();
            if (i >= 20)
                model.Drop();
        }

        Assert.Equal(20, model.Queue.Count);
        Assert.Equal(20, model.Queue.Length);
    }

    [Fact]
    public void QoS_0_that_was_sent_can_be_trimmed_without_a_word_of_the_client()
    {
        var model = new QueueModel(InMemory);
        model.Connect(1);
        for (var i = 0; i < 5 * InMemory; i++)
        {
            model.Append(QoS.AtMostOnce);
            model.Store();
        }

        model.Offer();

        Assert.All(model.All, message => Assert.True(message.IsDone));
        Assert.Equal(0, model.Queue.Length);
    }

    [Fact, Spec("MQTT-3.3.2-5")]
    public void What_has_expired_is_left_out_when_its_turn_comes_unless_it_may_have_been_sent()
    {
        var model = new QueueModel(InMemory);
        model.Append(QoS.AtLeastOnce, lifetime: 1); // sent before its time is over
        model.Append(QoS.AtLeastOnce, lifetime: 1); // not sent
        model.Append(QoS.AtLeastOnce);
        model.Store();
        model.Connect(1);
        model.Offer();
        model.Tick(1);

        model.Connect(2);
        model.Offer();

        Assert.Equal([false, true, false], model.All.Select(message => message.IsDone));
        Assert.Equal(2, model.MessagesInFlight);
    }

    [Fact]
    public void A_long_backlog_that_has_expired_makes_room_without_being_read_by_anyone()
    {
        var model = new QueueModel(InMemory);
        for (var i = 0; i < 10 * InMemory; i++)
            model.Append(QoS.AtLeastOnce, lifetime: i < 9 * InMemory ? 1u : 9);
        model.Store();
        model.Tick(1);

        model.Expire();

        Assert.Equal(InMemory, model.Queue.Count);
        Assert.Equal(InMemory, model.Queue.Length);
    }

    [Fact, Spec("MQTT-3.3.1-1")]
    public void Sending_stops_at_the_mark_until_it_is_stored_that_it_goes_on()
    {
        var queue = new SessionQueue(messagesInMemory: 100);
        queue.Load(0, 0, [], 0, new HashSet<long>());
        queue.Marked(queue.FirstMark(window: 1));
        for (var i = 0; i < 10; i++)
            queue.Append(Records.Of(qos: QoS.AtLeastOnce, position: i));
        queue.Stored(10);

        // The first stays open in a window of two, so that the head stays where it is.
        var sent = SendAndSettle();
        Assert.Equal(queue.MarkedBelow, sent);
        Assert.NotNull(queue.NextMark(window: 1));

        queue.Marked(queue.NextMark(window: 1)!.Value);
        Assert.True(SendAndSettle() > 0);

        int SendAndSettle()
        {
            var count = 0;
            while (queue.TrySend(2, now: 0, out var bytes, out _))
            {
                if (new MessageRecord(bytes.Span).Position > 0)
                    queue.Settle(new Settlement(new MessageRecord(bytes.Span).Position, SettlementKind.Acknowledged));
                count++;
            }

            return count;
        }
    }

    [Theory]
    [InlineData(QoS.AtLeastOnce, SettlementKind.Received)]
    [InlineData(QoS.AtLeastOnce, SettlementKind.Completed)]
    [InlineData(QoS.ExactlyOnce, SettlementKind.Acknowledged)]
    [InlineData(QoS.ExactlyOnce, SettlementKind.Completed)]
    public void An_acknowledgement_that_does_not_fit_changes_nothing(QoS qos, SettlementKind kind)
    {
        var model = new QueueModel(InMemory);
        model.Append(qos);
        model.Store();
        model.Connect(1);
        model.Offer();

        Assert.False(model.Queue.Settle(new Settlement(QueueModel.FirstPosition, kind)));
        Assert.Equal(1, model.Queue.InFlight);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public void An_acknowledgement_of_a_message_that_is_not_there_changes_nothing(int offset)
    {
        var model = new QueueModel(InMemory);
        model.Append(QoS.AtLeastOnce);
        model.Store();
        model.Connect(1);
        model.Offer();

        Assert.False(model.Queue.Settle(new Settlement(QueueModel.FirstPosition + offset, SettlementKind.Acknowledged)));
    }

    [Fact]
    public void One_message_that_the_client_does_not_settle_holds_up_no_other()
    {
        var model = new QueueModel(InMemory);
        for (var i = 0; i < 10 * InMemory; i++)
            model.Append(i % 2 == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce);
        model.Store();
        model.Connect(2);
        model.Offer();

        // All but the first, which is the first in flight, too.
        while (model.MessagesInFlight > 1)
        {
            model.Acknowledge(1);
            model.Offer();
        }

        Assert.Equal(1, model.Queue.Count);
        model.Acknowledge(0);
        model.Trim();
        Assert.Equal(0, model.Queue.Length);
    }

    [Fact]
    public void Open_positions_never_span_more_than_there_are_packet_identifiers()
    {
        const int Messages = 40_000;
        var queue = new SessionQueue(Messages);
        queue.Load(0, 0, [], 0, new HashSet<long>());
        queue.Marked(long.MaxValue);
        var record = Records.Of(qos: QoS.AtLeastOnce);
        for (var i = 0; i < Messages; i++)
            queue.Append(record);
        queue.Stored(Messages);

        // The first stays open, all others are settled at once.
        var sent = 0;
        while (queue.TrySend(2, now: 0, out _, out _))
        {
            if (sent > 0)
                queue.Settle(new Settlement(sent, SettlementKind.Acknowledged));
            sent++;
        }

        Assert.InRange(sent, 30_000, PacketIdentifiers.Span);
    }

    [Fact]
    public void A_page_that_does_not_continue_what_is_in_memory_is_ignored()
    {
        var queue = new SessionQueue(1);
        queue.Load(10, 3, [Records.Of(qos: QoS.AtLeastOnce, position: 10)], 10, new HashSet<long>());
        queue.Marked(long.MaxValue);
        Assert.True(queue.TrySend(9, now: 0, out _, out _));
        queue.Settle(new Settlement(10, SettlementKind.Acknowledged));
        queue.Trim([]);
        Assert.Equal((11, 1), queue.MissingPage());

        queue.AddPage([Records.Of(qos: QoS.AtLeastOnce, position: 12)]);
        Assert.False(queue.TrySend(9, now: 0, out _, out _));

        queue.AddPage([Records.Of(qos: QoS.AtLeastOnce, position: 10), Records.Of(qos: QoS.AtLeastOnce, position: 11)]);
        Assert.True(queue.TrySend(9, now: 0, out var record, out var flags));
        Assert.Equal(11, new MessageRecord(record.Span).Position);
        Assert.False(flags.HasFlag(RecordFlags.Dup));
    }

    private static void Do(QueueModel model, Verb verb, int number)
    {
        switch (verb)
        {
            case Verb.Append: model.Append((QoS)(number % 3), lifetime: number % 2 == 0 ? 0 : (uint)number); break;
            case Verb.Store: model.Store(); break;
            case Verb.Acknowledge: model.Acknowledge(number); break;
            case Verb.Trim: model.Trim(); break;
            case Verb.Offer: model.Offer(); break;
            case Verb.Connect: model.Connect((number % InMemory) + 1); break;
            case Verb.Drop: model.Drop(); break;
            case Verb.Tick: model.Tick(number); break;
            case Verb.Expire: model.Expire(); break;
            case Verb.Reload: model.Reload(); break;
        }
    }

    private static void Drain(QueueModel model)
    {
        model.Store();
        model.Connect(1);
        for (var round = 0; round < 2_000 && model.Queue.Count > 0; round++)
        {
            model.Offer();
            model.Acknowledge(0);
            model.Trim();
        }

        model.Trim();
    }

    private static QueueModel Filled(int messages, int window)
    {
        var model = new QueueModel(InMemory);
        for (var i = 0; i < messages; i++)
            model.Append(QoS.AtLeastOnce);
        model.Store();
        model.Connect(window);
        model.Offer();
        return model;
    }
}
