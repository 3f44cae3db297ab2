using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Sessions;
using Orleans.Mqtt.Tests.Unit.Grains.Sharing;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Delayed;

/// <summary>Delayed messages on the router's side, in front of slices that answer as the test says.</summary>
public class DelayedMessagesTests
{
    private readonly Router _router;
    private readonly List<(int Slice, MessageBatch Batch)> _kept = [];
    private readonly Queue<Func<Task<ReasonCode[]?>>> _answers = new();

    public DelayedMessagesTests()
    {
        var grains = FakeGrains.Of(slice => FakeGrain.Of<IDelayedGrain>((nameof(IDelayedGrain.Keep), args =>
        {
            _kept.Add(((int)(long)slice, (MessageBatch)args[0]!));
            return _answers.TryDequeue(out var answer) ? answer() : Task.FromResult<ReasonCode[]?>(null);
        })));
        _router = RouterTests.NewRouter(new RouteTable(new SlowSession().NewLanes(), Shares.Routes()), grains);
    }

    [Fact]
    public async Task A_message_is_handed_over_ready_for_its_topic_with_the_time_when_it_is_due()
    {
        byte[] properties = [1, 2, 3];
        var batch = Batch(Records.Of(
            "$delayed/15/a/b", "payload", QoS.ExactlyOnce, RecordFlags.ExactlyOnce | RecordFlags.Retain, publisher: 3, sequence: 4,
            expiry: 100, properties: properties));

        await _router.Route(batch);

        var (slice, kept) = Assert.Single(_kept);
        Assert.Equal(RouteSlices.Of("a/b"u8), slice);
        var record = new MessageRecord(kept.Bytes.Span);
        Assert.Equal(("a/b", "payload"), (Records.TopicOf(record), Records.PayloadOf(record)));
        Assert.Equal(RecordFlags.ExactlyOnce | RecordFlags.Retain | (RecordFlags)QoS.ExactlyOnce, record.Flags);
        Assert.Equal((3UL, 4UL, 15_000L, 115u), (record.Publisher, record.Sequence, record.Position, record.Expiry));
        Assert.Equal(properties, record.Properties);
        Assert.Equal(ReasonCode.Success, batch[0]); // nobody hears it now, and that is right
    }

    [Fact]
    public async Task It_is_not_safe_before_the_slice_has_it_and_the_verdict_is_the_slices()
    {
        var answer = new TaskCompletionSource<ReasonCode[]?>();
        _answers.Enqueue(() => answer.Task);
        var batch = Batch(Of("$delayed/1/a", 1), Of("$delayed/x/a", 2), Of("$delayed/1/a", 3), Of("b", 4));

        var routed = _router.Route(batch).AsTask();
        Assert.False(routed.IsCompleted);
        answer.SetResult([ReasonCode.Success, ReasonCode.QuotaExceeded]);
        await routed.Soon();

        Assert.Equal(
            [ReasonCode.Success, ReasonCode.TopicNameInvalid, ReasonCode.QuotaExceeded, ReasonCode.NoMatchingSubscribers],
            Enumerable.Range(0, 4).Select(index => batch[index]));
    }

    [Fact]
    public async Task A_call_whose_outcome_is_unknown_is_repeated_without_what_has_no_identity()
    {
        var batch = Batch(Of("$delayed/1/a", 0), Of("$delayed/1/a", 5), Of("$delayed/1/a", 6));
        _answers.Enqueue(() => Task.FromException<ReasonCode[]?>(new TimeoutException())); // QoS 0
        _answers.Enqueue(() => Task.FromException<ReasonCode[]?>(new TimeoutException()));
        _answers.Enqueue(() => Task.FromResult<ReasonCode[]?>([ReasonCode.Success, ReasonCode.QuotaExceeded]));

        await _router.Route(batch).AsTask().Soon();

        Assert.Equal([1, 2, 2], _kept.Select(call => call.Batch.Count));
        Assert.Equal([ReasonCode.Success, ReasonCode.Success, ReasonCode.QuotaExceeded], [batch[0], batch[1], batch[2]]);
    }

    [Fact]
    public async Task A_slice_that_never_answers_costs_the_acknowledgement()
    {
        for (var i = 0; i < 1_000; i++)
            _answers.Enqueue(() => Task.FromException<ReasonCode[]?>(new TimeoutException()));

        await Assert.ThrowsAsync<TimeoutException>(() => _router.Route(Batch(Of("$delayed/1/a", 1))).AsTask().Soon());
    }

    private static byte[] Of(string topic, ulong sequence) =>
        Records.Of(topic, "", sequence == 0 ? QoS.AtMostOnce : QoS.AtLeastOnce, publisher: 1, sequence: sequence);

    private static PublicationBatch Batch(params byte[][] records)
    {
        var batch = new PublicationBatch { Source = new PublicationSource("p") };
        foreach (var record in records)
            batch.Records.Add(new MessageRecord(record));
        return batch;
    }
}
