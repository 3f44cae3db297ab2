using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Delayed;

public class DelayedQueueTests
{
    private readonly DelayedQueue _queue = new(new DelayedOptions { MaximumMessages = 4, MaximumBytes = 1_024 });

    [Fact]
    public void What_is_due_comes_in_the_order_of_its_time_and_of_its_publisher()
    {
        var late = Add(due: 20, sequence: 1);
        var second = Add(due: 10, sequence: 3);
        var first = Add(due: 10, sequence: 2); // it was overtaken on its way here
        Assert.Equal(10, _queue.NextDue);

        Assert.Empty(_queue.TakeDue(9, most: 9, mostBytes: 1_000));
        Assert.Equal([first], _queue.TakeDue(10, most: 1, mostBytes: 1_000));
        Assert.Equal([second, late], _queue.TakeDue(20, most: 9, mostBytes: 1_000));
        Assert.Null(_queue.NextDue);
    }

    [Fact]
    public void A_batch_has_a_size()
    {
        Add(due: 1, sequence: 1);
        Add(due: 1, sequence: 2);

        Assert.Single(_queue.TakeDue(1, most: 9, mostBytes: 1));
        Assert.Single(_queue.TakeDue(1, most: 9, mostBytes: 1));
    }

    [Fact]
    public void There_is_no_room_beyond_the_limits_until_something_was_published()
    {
        for (ulong sequence = 1; sequence <= 4; sequence++)
            Add(due: 1, sequence);
        Assert.False(_queue.HasRoomFor(new MessageRecord(Records.Of())));

        foreach (var entry in _queue.TakeDue(1, most: 9, mostBytes: 1_000))
            _queue.Published(entry);

        Assert.Equal((0, 0), (_queue.Count, _queue.Bytes));
        Assert.True(_queue.HasRoomFor(new MessageRecord(Records.Of())));
        Assert.False(_queue.HasRoomFor(new MessageRecord(Records.Of(payload: new string('x', 1_024)))));
    }

    [Fact]
    public void A_repetition_is_known_while_it_waits_and_with_QoS_2_beyond_that()
    {
        var once = Records.Of(qos: QoS.ExactlyOnce, flags: RecordFlags.ExactlyOnce, publisher: 1, sequence: 1, position: 5);
        var atLeastOnce = Records.Of(qos: QoS.AtLeastOnce, publisher: 1, sequence: 1, position: 5);
        foreach (var record in new[] { once, atLeastOnce })
        {
            Assert.False(_queue.IsKnown(new MessageRecord(record)));
            _queue.Add(new MessageRecord(record), now: 1);
            Assert.True(_queue.IsKnown(new MessageRecord(record)));
        }

        foreach (var entry in _queue.TakeDue(5, most: 9, mostBytes: 1_000))
            Assert.Null(_queue.Published(entry));

        Assert.True(_queue.IsKnown(new MessageRecord(once)));
        Assert.False(_queue.IsKnown(new MessageRecord(atLeastOnce)));
    }

    [Fact]
    public void Of_what_was_published_the_oldest_is_forgotten()
    {
        DelayedIdentity? forgotten = null;
        for (ulong sequence = 1; forgotten is null && sequence < 1_000_000; sequence++)
            forgotten = _queue.Remember(new DelayedIdentity(1, sequence, ExactlyOnce: true));

        Assert.Equal(1UL, forgotten!.Value.Sequence);
    }

    [Fact]
    public void What_has_no_sequence_is_never_a_repetition()
    {
        var record = Records.Of(position: 1);
        _queue.Add(new MessageRecord(record), now: 1);

        Assert.False(_queue.IsKnown(new MessageRecord(record)));
    }

    [Fact]
    public void Places_rise_also_when_the_clock_does_not()
    {
        var first = Add(due: 1, sequence: 1, now: 1_000);
        var second = Add(due: 1, sequence: 2, now: 900);

        Assert.True(second.Place > first.Place);
    }

    private DelayedEntry Add(long due, ulong sequence, long now = 1) => _queue.Add(
        new MessageRecord(Records.Of(qos: QoS.AtLeastOnce, publisher: 7, sequence: sequence, position: due)), now);
}
