using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Delivery;

public class RemoteGatewayTests
{
    private const int Limit = 64 * 1024;

    private readonly LinkRoom _room = new();
    private readonly TaskCompletionSource _taken = new();
    private readonly List<int> _delivered = [];
    private readonly RemoteGateway _link;

    public RemoteGatewayTests()
    {
        var observer = FakeGrain.Of<IGatewayObserver>((nameof(IGatewayObserver.Deliver), args =>
        {
            _delivered.Add(((MessageBatch)args[2]!).Count);
            return _taken.Task;
        }));
        _link = Link(observer);
    }

    [Fact]
    public async Task A_full_link_holds_up_what_is_to_be_acknowledged_and_drops_QoS_0()
    {
        var first = Send(QoS.AtLeastOnce, 10);
        Assert.True(_room.WaitAsync().AsTask().IsCompleted);
        var second = Send(QoS.AtLeastOnce, Limit);
        var third = Send(QoS.AtLeastOnce, 10);
        _ = Send(QoS.AtMostOnce, 10);
        var room = _room.WaitAsync().AsTask();
        Assert.False(room.IsCompleted);

        _taken.SetResult();
        await Task.WhenAll(first, second, third, room).Soon();

        Assert.Equal([1, 2], _delivered);
        Assert.True(_room.WaitAsync().AsTask().IsCompleted);
    }

    [Fact]
    public async Task Nobody_waits_for_a_gateway_whose_lease_is_over()
    {
        var sent = Send(QoS.AtLeastOnce, 10);

        _link.End();

        await sent.Soon();
    }

    [Fact]
    public async Task A_process_that_watches_holds_nobody_up_and_is_told_what_it_has_missed()
    {
        var told = new List<string>();
        var delivering = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        var link = Link(FakeGrain.Of<IWatchObserver>(
            (nameof(IGatewayObserver.Deliver), args =>
            {
                told.Add($"{((MessageBatch)args[2]!).Count} messages");
                if (told.Count == 3)
                    ended.SetResult();
                return delivering.Task;
            }),
            (nameof(IWatchObserver.Miss), args =>
            {
                told.Add($"{args[1]} missed");
                return Task.CompletedTask;
            })));

        var sent = new[] { 10, Limit, 10, 10 }.Select(length => Send(link, QoS.AtLeastOnce, length)).ToArray();
        Assert.All(sent, sending => Assert.True(sending.IsCompleted));
        Assert.True(_room.WaitAsync().AsTask().IsCompleted);
        delivering.SetResult();
        await ended.Task.Soon();

        Assert.Equal(["1 messages", "2 missed", "1 messages"], told);
    }

    [Fact]
    public async Task What_a_gateway_has_itself_goes_to_it_as_a_reference_and_to_others_as_it_is()
    {
        var batches = new List<MessageBatch>();
        var observer = FakeGrain.Of<IGatewayObserver>((nameof(IGatewayObserver.Deliver), args =>
        {
            batches.Add((MessageBatch)args[2]!);
            return _taken.Task;
        }));
        var link = Link(observer);
        byte[][] records = [Records.Of("a", "1"), Records.Of("a", "2"), Records.Of("a", "3"), Records.Of("a", "4")];
        var (length, envelope) = (records[0].Length, records.SelectMany(record => record).ToArray());
        var (own, others) = (new HeldRecords("g", 5, 9, envelope), new HeldRecords("other", 5, 9, envelope));

        var run = link.Begin(own);
        run.Add(new MessageRecord(envelope));
        run.Add(new MessageRecord(envelope.AsSpan(length)));
        run.Add(new MessageRecord(envelope.AsSpan(3 * length)));
        run.Add(new MessageRecord(Records.Of("a", "copy")));
        run.AddShared(new MessageRecord(envelope.AsSpan(2 * length)), new(1, 2));
        var done = run.Complete();
        Assert.False(own.Delivered.IsCompleted);
        Assert.False(done.IsCompleted);
        Assert.Empty(batches); // until the whole envelope is routed
        own.Send!();
        _taken.SetResult();
        await done;
        await own.Delivered.Soon();
        run = link.Begin(others);
        run.Add(new MessageRecord(envelope));
        await run.Complete();

        Assert.Equal(["5/9: 0 + " + (2 * length), $"5/9: {3 * length} + {length}", "copy", "3"], Said(batches[0]));
        Assert.Equal(["1"], Said(batches[1]));
        Assert.True(others.Delivered.IsCompleted);
    }

    [Fact]
    public async Task What_a_gateway_takes_with_the_answer_is_not_sent_to_it()
    {
        byte[][] records = [Records.Of("a", "1"), Records.Of("a", "2"), Records.Of("a", "3"), Records.Of("a", "4")];
        var (length, envelope) = (records[0].Length, records.SelectMany(record => record).ToArray());
        var own = new HeldRecords("g", 5, 9, envelope, isTakenWithAnswer: true);

        var run = _link.Begin(own);
        run.Add(new MessageRecord(envelope));
        run.Add(new MessageRecord(envelope.AsSpan(length)));
        run.Add(new MessageRecord(envelope.AsSpan(3 * length)));
        await run.Complete();

        Assert.Equal([0, 2 * length, 3 * length, length], own.WithAnswer!);
        Assert.True(own.Delivered.IsCompleted);
        Assert.Equal(0, _link.WaitingBytes);
    }

    private static List<string> Said(MessageBatch batch)
    {
        var said = new List<string>();
        foreach (var record in batch)
        {
            var reference = RecordReference.Read(record);
            said.Add(record.IsReference
                ? $"{reference.Lane}/{reference.Sequence}: {reference.Offset} + {reference.Length}"
                : Records.PayloadOf(record));
        }

        return said;
    }

    private Task Send(QoS qos, int length) => Send(_link, qos, length);

    private RemoteGateway Link(IGatewayObserver observer) => new(
        "g", observer, new RemoteGatewayOptions { MaximumWaitingBytes = Limit }, _room, new BrokerMetrics(Meters.None),
        new HastyTime(), NullLogger.Instance);

    private static Task Send(RemoteGateway link, QoS qos, int length)
    {
        var run = link.Begin();
        run.Add(new MessageRecord(Records.Of("a", new string('x', length), qos)));
        return run.Complete().AsTask();
    }
}
