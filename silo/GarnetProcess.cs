using System.Diagnostics;
using Garnet;
using Garnet.server;

namespace Orleans.Mqtt.Silo;

/// <summary>Garnet with what it does not do by itself: bounding its log on disk and its dead records in memory.</summary>
internal sealed class GarnetProcess(GarnetServerOptions options, ILoggerFactory loggers, EmbeddedStoreOptions limits)
    : GarnetServer(options, loggers)
{
    private readonly ILogger _log = loggers.CreateLogger<EmbeddedStore>();
    private long _liveBytes;
    private long _checkpointBytes;
    private long _knownBegin;

    /// <summary>Looks at both limits; at most one piece of work a call.</summary>
    public async Task KeepHouseAsync(CancellationToken stopping)
    {
        ClearMemory();
        if (storeWrapper.AofSize() > Math.Max(limits.LogLimitBytes, _checkpointBytes))
            await CheckpointAsync(stopping);
    }

    /// <summary>
    /// Puts the log that was just replayed behind a checkpoint, before anybody may write. A process that was killed may have
    /// left half a transaction at its end, and at the next replay Garnet 2.2.8 would take what follows for the rest of it.
    /// </summary>
    public async Task StartAfreshAsync(CancellationToken stopping)
    {
        if (storeWrapper.AofSize() > 0)
            await CheckpointAsync(stopping);
    }

    /// <summary>Everything that was accepted so far is on disk when it completes.</summary>
    public async Task FlushAsync() => await Store.CommitAOFAsync(CancellationToken.None);

    // The checkpoint holds all data; the log before it is deleted. Both survive a kill at any point, because the old
    // checkpoint and its log go only after the new one is complete.
    private async Task CheckpointAsync(CancellationToken stopping)
    {
        var watch = Stopwatch.StartNew();
        var logged = storeWrapper.AofSize();
        var status = await storeWrapper.TakeCheckpointAsync(false, 0, stopping, null);
        if (status is not CheckpointStatus.Success)
            throw new IOException($"The checkpoint ended as {status}.");

        _checkpointBytes = UsedBytes + storeWrapper.store.Log.MemorySizeBytes;
        _log.Checkpointed(logged, storeWrapper.AofSize(), watch.Elapsed);
    }

    // Each new key takes a record in a log in memory, and what was deleted stays there. Closing the log up to its tail
    // makes all of it due for compaction, which Garnet then does at its own pace: live records move to the tail and the
    // rest goes. Doing this by growth alone would move a large but quiet store around for ever.
    private void ClearMemory()
    {
        var log = storeWrapper.store.Log;
        if (log.BeginAddress != _knownBegin)
        {
            _knownBegin = log.BeginAddress;
            _liveBytes = UsedBytes;
        }

        if (log.SafeReadOnlyAddress - log.BeginAddress <= limits.GarbageLimitBytes
            && UsedBytes > (2 * _liveBytes) + (2 * limits.GarbageLimitBytes))
        {
            log.ShiftReadOnlyAddress(log.TailAddress, wait: false);
        }
    }

    private long UsedBytes => storeWrapper.store.Log.TailAddress - storeWrapper.store.Log.BeginAddress;
}
