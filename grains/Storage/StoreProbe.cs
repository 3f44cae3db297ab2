using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// Asks every lane of the store for a sign of life, twice a second: a store that hangs keeps its connections, so only that
/// it does not answer tells.
/// </summary>
internal sealed class StoreProbe : IAsyncDisposable
{
    // Behind a pipeline of many megabytes an answer may take a while; a lease outlives this.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2), _interval = TimeSpan.FromSeconds(0.5);

    private readonly IReadOnlyList<IDatabase> _lanes;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _probing;
    private long _since;
    private volatile bool _isUp;

    public StoreProbe(IReadOnlyList<IDatabase> lanes, bool isUp, TimeProvider time, ILogger log)
    {
        _lanes = lanes;
        _time = time;
        _log = log;
        _isUp = isUp;
        _since = time.GetTimestamp();
        if (!isUp)
            log.StoreDown();
        _probing = Task.Run(ProbeAsync);
    }

    public bool IsUp => _isUp;

    public TimeSpan UpFor => _isUp ? _time.GetElapsedTime(Interlocked.Read(ref _since)) : TimeSpan.Zero;

    /// <summary>A connection broke: no need to wait for the next probe.</summary>
    public void NoteBroken() => Note(isUp: false);

    public async ValueTask DisposeAsync()
    {
        if (_probing.IsCompleted)
            return; // the container knows the connection under two names

        await _stopping.CancelAsync();
        await _probing;
        _stopping.Dispose();
    }

    private async Task ProbeAsync()
    {
        using var ticks = new PeriodicTimer(_interval, _time);
        try
        {
            while (await ticks.WaitForNextTickAsync(_stopping.Token))
                Note(await AnswersAsync());
        }
        catch (OperationCanceledException)
        {
            // the connection is being closed
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            // A command of the kind that everything else is: with a cluster it must reach a master.
            await Task.WhenAll(_lanes.Select(lane => lane.KeyExistsAsync("probe", CommandFlags.DemandMaster)))
                .WaitAsync(_patience, _time, _stopping.Token);
            return true;
        }
        catch (Exception failure) when (StoreConnection.IsStoreFailure(failure) && !_stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Note(bool isUp)
    {
        lock (_stopping)
        {
            if (_isUp == isUp)
                return;

            var since = _time.GetElapsedTime(Interlocked.Read(ref _since));
            Interlocked.Exchange(ref _since, _time.GetTimestamp());
            _isUp = isUp;
            if (isUp)
                _log.StoreUp(since);
            else
                _log.StoreDown();
        }
    }
}
