using CsCheck;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sharing;

public class ShareQueueTests
{
    private const int InMemory = 4;

    private static readonly ShareMember _member = new(new Membership { ClientId = "m", QoS = QoS.ExactlyOnce });

    /// <summary>
    /// Whatever members do, and however often the memory is lost, each message is given out until it was finished, the oldest
    /// that waits first, and what is finished leaves the store.
    /// </summary>
    [Fact]
    public void Each_message_is_there_until_it_is_finished_and_then_it_is_gone() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 20]).Array[0, 250].Sample(steps =>
        {
            var model = new ShareQueueModel(InMemory, _member);
            foreach (var (verb, choice) in steps)
                model.Do(verb, choice);

            while (model.Open.Count > 0 || model.Waiting > 0)
            {
                model.Do(verb: 4, choice: 0);
                model.Do(verb: 6, choice: 0);
            }

            Assert.Equal(model.Appended, model.Finished.Order());
            Assert.Equal(0, model.Queue.Count);
            Assert.Equal((0, 0), (model.StoredRecords, model.StoredFields));
        }, iter: 300);

    [Fact]
    public void One_that_is_never_finished_does_not_keep_the_others_in_the_store()
    {
        var model = new ShareQueueModel(InMemory, _member);
        model.Do(verb: 0, choice: 0);
        model.Do(verb: 4, choice: 0);
        for (var i = 0; i < 1_000; i++)
        {
            model.Do(verb: 0, choice: 0);
            model.Do(verb: 4, choice: 0);
            model.Do(verb: 6, choice: 1); // not the first, which is open for ever
        }

        Assert.InRange(model.StoredRecords, 0, 3 * InMemory);
        Assert.InRange(model.StoredFields, 1, 2 * InMemory);
        Assert.Equal(1, model.Queue.Count);
    }

    [Fact]
    public void Nothing_is_given_out_before_it_is_stored()
    {
        var queue = new ShareQueue(InMemory);
        queue.Load(100, 0, [], [], -1, NobodyHas, new SessionChanges());
        queue.Append(Records.Of("a", "1", position: 100));
        Assert.False(queue.TryPeek(out _));
        queue.Stored(101);
        Assert.True(queue.TryPeek(out _));
    }

    [Fact]
    public void When_nobody_is_left_what_waits_goes_and_what_was_sent_stays()
    {
        var model = new ShareQueueModel(InMemory, _member);
        for (var i = 0; i < 10; i++)
            model.Do(verb: 0, choice: 0);
        model.Do(verb: 4, choice: 0);
        model.Do(verb: 4, choice: 0);

        model.DropWaiting();

        Assert.Equal(2, model.Queue.Count);
        Assert.Equal(0, model.StoredRecords);
        Assert.False(model.Queue.TryPeek(out _));
        model.Do(verb: 6, choice: 0);
        model.Do(verb: 6, choice: 0);
        Assert.Equal((0, 0), (model.StoredRecords, model.StoredFields));
    }

    private static bool NobodyHas(long position, ReadOnlyMemory<byte> record, out ShareFlight? flight)
    {
        flight = null;
        return false;
    }
}
