namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>What a look at a process says.</summary>
internal enum Rest : byte
{
    LeaveAlone,

    /// <summary>A few milliseconds; nobody notices, however many messages pass.</summary>
    CollectYoung,

    /// <summary>Tens of milliseconds or more, but memory is given back: only where next to nothing passes.</summary>
    Compact,
}

/// <summary>A process at one moment.</summary>
/// <param name="Allocated">Bytes since it began.</param>
/// <param name="Collections">How often garbage was collected.</param>
/// <param name="Cpu">Processor time since it began.</param>
/// <param name="Heap">Bytes in use after the last collection.</param>
/// <param name="Wasted">Bytes that the heap held beside those.</param>
/// <param name="FullCollections">How many of the collections were of all generations.</param>
internal readonly record struct RestFigures(
    long Allocated, int Collections, TimeSpan Cpu, long Heap, long Wasted, int FullCollections);

/// <summary>Decides when there is garbage enough, and so little to do that collecting it hurts nobody.</summary>
internal sealed class RestWatch(TimeSpan interval)
{
    private const long Mebibyte = 1024 * 1024;

    // Allocated between two looks; and before a collection is worth it.
    private const long MostAtRest = 2 * Mebibyte, WorthIt = 4 * Mebibyte;

    // A heap is compacted at 1 to 2 GB a second and core: a gigabyte is a pause of half a second on two cores, which is
    // shorter than a lease (GatewayLease) and than what other silos take for a death. A large heap needs more to be worth it.
    private const long WasteWorthIt = 16 * Mebibyte, LargestToCompact = 1024 * Mebibyte, WorthItShare = 16;

    // Processor time in two intervals, of one core.
    private const double IdleShare = 0.15;

    private RestFigures _before;
    private TimeSpan _cpuBefore;
    private long _collectedAt;
    private long _compactedAt;
    private long _unjudged;

    public Rest Look(in RestFigures now)
    {
        var isAtRest = now.Allocated - _before.Allocated <= MostAtRest;
        var isIdle = isAtRest && (now.Cpu - _cpuBefore) / (2 * interval) <= IdleShare;
        if (now.FullCollections != _before.FullCollections)
            _unjudged = 0;
        else if (!isAtRest)
            _unjudged += now.Allocated - _before.Allocated; // nobody knows how much of it is still alive
        if (now.Collections != _before.Collections)
            _collectedAt = now.Allocated; // by the runtime, or by us
        _cpuBefore = _before.Cpu;
        _before = now;

        var isWorthIt = now.Wasted + _unjudged >= Math.Max(WasteWorthIt, now.Heap / WorthItShare);
        if (isIdle && isWorthIt && now.Heap <= LargestToCompact && now.Allocated - _compactedAt >= WasteWorthIt)
        {
            _compactedAt = now.Allocated;
            return Rest.Compact;
        }

        return isAtRest && now.Allocated - _collectedAt >= WorthIt ? Rest.CollectYoung : Rest.LeaveAlone;
    }
}
