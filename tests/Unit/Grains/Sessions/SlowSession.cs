using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

/// <summary>A session grain that answers when the test says so.</summary>
internal sealed class SlowSession
{
    private readonly Lock _gate = new();
    private readonly List<string> _calls = [];
    private TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<ReasonCode[]?>? _answer;
    private Exception? _failure;
    private bool _answersAtOnce;

    /// <summary>The payloads of each call.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    public QoS LastQoS { get; private set; }

    public SessionLanes NewLanes() => new(
        FakeGrains
            .Of(_ => FakeGrain.Of<ISessionHostGrain>(
                (nameof(ISessionHostGrain.Enqueue), args => EnqueueAsync((MessageBatch)args[0]!))))
            .With(_ => FakeGrain.Of<IShareGrain>(
                (nameof(IShareGrain.Enqueue), args => EnqueueAsync((MessageBatch)args[0]!)))),
        Options.Create(new SessionOptions()), new HastyTime(), new BrokerMetrics(Meters.None),
        NullLogger<SessionLanes>.Instance);

    public SessionLane NewLane() => NewLanes().Of("s");

    public void Answer(Exception? failure = null, params ReasonCode[] verdicts)
    {
        TaskCompletionSource<ReasonCode[]?> answer;
        lock (_gate)
        {
            answer = _answer!;
            _answer = null;
        }

        if (failure is not null)
            answer.SetException(failure);
        else
            answer.SetResult(verdicts.Length == 0 ? null : verdicts);
    }

    public void FailForEver()
    {
        lock (_gate)
            _failure = new TimeoutException();
        Answer(_failure);
    }

    public void Recover()
    {
        lock (_gate)
        {
            _failure = null;
            _answersAtOnce = true;
        }
    }

    /// <summary>Returns when this many calls were made and the last waits for its answer.</summary>
    public async Task CalledAsync(int count)
    {
        while (true)
        {
            Task called;
            lock (_gate)
            {
                if (_calls.Count >= count && _answer is not null)
                    return;
                called = _called.Task;
            }

            await called;
        }
    }

    private Task<ReasonCode[]?> EnqueueAsync(MessageBatch batch)
    {
        var payloads = new List<string>();
        foreach (var record in batch)
        {
            payloads.Add(Records.PayloadOf(record));
            LastQoS = record.QoS;
        }

        lock (_gate)
        {
            _calls.Add(string.Join(',', payloads));
            if (_failure is not null)
                return Task.FromException<ReasonCode[]?>(_failure);
            if (_answersAtOnce)
                return Task.FromResult<ReasonCode[]?>(null);
            if (_answer is not null)
                throw new InvalidOperationException("Two calls are in flight.");

            // Continues inside Answer, so that a test sees the next call when it returns.
            _answer = new TaskCompletionSource<ReasonCode[]?>();
            _called.SetResult();
            _called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _answer.Task;
        }
    }
}
