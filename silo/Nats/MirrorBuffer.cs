using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>Runs on their way to NATS, up to a limit. Many add; one takes them out, in order.</summary>
internal sealed class MirrorBuffer(long limit)
{
    private readonly Lock _gate = new();
    private readonly Queue<MirrorRun> _runs = new();
    private readonly Queue<(PublicationBatch Batch, TaskCompletionSource Safe)> _beyond = new();
    private MirrorRun? _filling;
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _emptied;
    private ulong _number;
    private long _bytes;

    /// <summary>Bytes that NATS has not confirmed.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>False when there is no room.</summary>
    public bool TryAdd(RecordBlock records, PublicationSource? source)
    {
        lock (_gate)
        {
            if (!HasRoomFor(records))
                return false;

            Append(records, source);
            return true;
        }
    }

    /// <summary>Ends when the batch is safe. Where there is no room it is read later, in its turn.</summary>
    public Task AddAsync(PublicationBatch batch)
    {
        var safe = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_beyond.Count == 0 && HasRoomFor(batch.Records))
                Append(batch.Records, batch.Source).Waiting.Add(safe);
            else
                _beyond.Enqueue((batch, safe));
        }

        return safe.Task;
    }

    /// <summary>Ends when there is a run to be taken.</summary>
    public Task ArrivalAsync()
    {
        lock (_gate)
        {
            return _runs.Count > 0
                ? Task.CompletedTask
                : (_arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Ends when nothing is left.</summary>
    public Task EmptiedAsync()
    {
        lock (_gate)
        {
            return _runs.Count == 0
                ? Task.CompletedTask
                : (_emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>The oldest run, which takes in no more; it stays until it is completed.</summary>
    public bool TryPeek(out MirrorRun run)
    {
        lock (_gate)
        {
            if (!_runs.TryPeek(out run!))
                return false;

            if (run == _filling)
                _filling = null;
            return true;
        }
    }

    /// <summary>NATS has the oldest run.</summary>
    public void Complete(MirrorRun run)
    {
        lock (_gate)
        {
            _runs.Dequeue();
            Interlocked.Add(ref _bytes, -run.Records.Length);
            while (_beyond.TryPeek(out var next) && HasRoomFor(next.Batch.Records))
            {
                _beyond.Dequeue();
                Append(next.Batch.Records, next.Batch.Source).Waiting.Add(next.Safe);
            }

            if (_runs.Count == 0)
            {
                _emptied?.TrySetResult();
                _emptied = null;
            }
        }

        run.Records.Release();
        foreach (var safe in run.Waiting)
            safe.TrySetResult();
    }

    // One batch always fits: what is larger than the whole buffer must not wait for ever.
    private bool HasRoomFor(RecordBlock records) => _runs.Count == 0 || _bytes + records.Length <= limit;

    private MirrorRun Append(RecordBlock records, PublicationSource? source)
    {
        if (_filling is null || _filling.IsFull)
        {
            _filling = new MirrorRun(_number);
            _runs.Enqueue(_filling);
            _arrival?.TrySetResult();
            _arrival = null;
        }

        _filling.Records.AddAll(records.Bytes, records.Count);
        _filling.Stretches.Add(new Stretch(source, records.Count));
        _number += (ulong)records.Count;
        Interlocked.Add(ref _bytes, records.Length);
        return _filling;
    }
}
