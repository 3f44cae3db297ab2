using CsCheck;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Messages;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class RecordQueueTests
{
    [Fact]
    public void It_gives_back_what_it_was_given_first_in_first_out() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 40_000]).Array[0, 100].Sample(steps =>
        {
            var queue = new RecordQueue();
            var model = new Queue<byte[]>();
            foreach (var (isAdd, size) in steps)
            {
                if (isAdd)
                {
                    var record = Records.Of("t", new string('x', size), sequence: (ulong)size);
                    queue.Add(new MessageRecord(record));
                    model.Enqueue(record);
                }
                else if (model.TryDequeue(out var expected))
                {
                    Assert.True(queue.TryPeek(out var record));
                    Assert.True(record.Bytes.SequenceEqual(expected));
                    queue.Dequeue();
                }

                Assert.Equal(model.Count, queue.Count);
                Assert.Equal(model.Sum(record => record.Length), queue.Length);
            }
        }, iter: 200);

    [Fact]
    public void It_does_not_grow_while_as_much_leaves_as_comes()
    {
        var queue = new RecordQueue();
        var record = Records.Of("t", new string('x', 1000));
        for (var i = 0; i < 10; i++)
            queue.Add(new MessageRecord(record));

        var allocated = Allocations.LeastOf(
            () =>
            {
                for (var i = 0; i < 100_000; i++)
                {
                    queue.Add(new MessageRecord(record));
                    queue.Dequeue();
                }
            },
            tries: 3);

        // A hundred megabytes went through; what was allocated are the fresh blocks' own objects.
        Assert.InRange(allocated, 0, 1024 * 1024);
        Assert.Equal(10, queue.Count);
    }

    [Fact]
    public void It_can_be_used_again_after_it_was_released()
    {
        var queue = new RecordQueue();
        queue.Add(new MessageRecord(Records.Of("t", "1")));
        queue.Release();
        Assert.False(queue.TryPeek(out _));

        queue.Add(new MessageRecord(Records.Of("t", "2")));
        Assert.True(queue.TryPeek(out var record));
        Assert.Equal("2", Records.PayloadOf(record));
    }
}
