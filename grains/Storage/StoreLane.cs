using Orleans.Mqtt.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>One lane of the <see cref="StoreWriter"/>: a bounded gathering place and the pipeline in flight.</summary>
internal sealed class StoreLane : IAsyncDisposable
{
    private readonly IDatabase _database;
    private readonly StoreOptions _options;
    private readonly Lock _gate = new();
    private readonly Queue<StoreWrite> _gathered = new();
    private readonly Queue<StoreWrite> _waiting = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Task _running;
    private long _pendingBytes;
    private bool _isAsleep;
    private bool _isClosed;

    public StoreLane(IDatabase database, StoreOptions options)
    {
        _database = database;
        _options = options;
        _running = Task.Run(RunAsync); // not on the caller's scheduler: a grain's would serialize all of us behind it
    }

    public long PendingBytes => Interlocked.Read(ref _pendingBytes);

    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    public Task Write(StoreWrite write)
    {
        bool wake;
        lock (_gate)
        {
            if (_isClosed)
                return Task.FromException(new StoreUnavailableException("The store's writer has been closed."));

            // First come, first served: nobody passes those who wait for room.
            if (_waiting.Count is 0 && HasRoom(write))
                TakeIn(write);
            else
                _waiting.Enqueue(write);

            wake = _isAsleep;
            _isAsleep = false;
        }

        if (wake)
            _news.Release();

        return write.Task;
    }

    public async ValueTask DisposeAsync()
    {
        bool wake;
        lock (_gate)
        {
            _isClosed = true;
            wake = _isAsleep;
            _isAsleep = false;
        }

        if (wake)
            _news.Release();

        await _running;
        _news.Dispose();
    }

    private bool HasRoom(StoreWrite write) => _pendingBytes is 0 || _pendingBytes + write.Size <= _options.PendingBytes;

    private void TakeIn(StoreWrite write)
    {
        _gathered.Enqueue(write);
        Interlocked.Add(ref _pendingBytes, write.Size);
    }

    private async Task RunAsync()
    {
        var pipeline = new List<StoreWrite>();
        while (true)
        {
            switch (Gather(pipeline))
            {
                case true:
                    Send(pipeline);
                    await FinishAsync(pipeline);
                    Forget(pipeline);
                    break;

                case false:
                    await _news.WaitAsync();
                    break;

                case null:
                    return;
            }
        }
    }

    /// <summary>True with a pipeline to send; false when there is nothing yet; null when there never will be.</summary>
    private bool? Gather(List<StoreWrite> pipeline)
    {
        lock (_gate)
        {
            var bytes = 0L;
            while (pipeline.Count < _options.PipelineWrites && _gathered.TryPeek(out var write)
                && (pipeline.Count is 0 || bytes + write.Size <= _options.PipelineBytes))
            {
                bytes += write.Size;
                pipeline.Add(_gathered.Dequeue());
            }

            if (pipeline.Count > 0)
                return true;

            if (_isClosed)
                return null;

            _isAsleep = true;
            return false;
        }
    }

    private void Send(List<StoreWrite> pipeline)
    {
        // Plain calls, not IBatch: measured with 64 callers the batch object costs more than it saves, because the
        // client gathers what is sent without waiting into few socket writes anyway.
        foreach (var write in pipeline)
            write.Join();

        foreach (var write in pipeline)
        {
            try
            {
                write.Send(_database);
            }
            catch (Exception failure)
            {
                write.Fail(Unavailable(failure));
            }
        }
    }

    private static async Task FinishAsync(List<StoreWrite> pipeline)
    {
        StoreUnavailableException? broken = null;
        foreach (var write in pipeline)
        {
            try
            {
                if (!write.Task.IsCompleted)
                    await write.Answers();
            }
            catch (RedisServerException refused)
            {
                write.Fail(Unavailable(refused)); // the store's verdict on this one write
            }
            catch (Exception failure)
            {
                broken ??= Unavailable(failure);
            }
        }

        // One lost answer makes all of them doubtful: to confirm a later write of a key whose earlier one is unknown
        // would leave a hole.
        foreach (var write in pipeline.Where(write => !write.Task.IsCompleted))
        {
            if (broken is null)
                write.Finish();
            else
                write.Fail(broken);
        }
    }

    private void Forget(List<StoreWrite> pipeline)
    {
        lock (_gate)
        {
            foreach (var write in pipeline)
                Interlocked.Add(ref _pendingBytes, -write.Size);

            while (_waiting.TryPeek(out var next) && HasRoom(next))
                TakeIn(_waiting.Dequeue());
        }

        pipeline.Clear();
    }

    private static StoreUnavailableException Unavailable(Exception failure) =>
        failure as StoreUnavailableException ?? new StoreUnavailableException(failure.Message, failure);
}
