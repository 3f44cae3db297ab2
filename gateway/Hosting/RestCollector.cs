using Microsoft.Extensions.Hosting;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>
/// Collects young garbage while the process rests. The runtime does so when its budget is used up, and the road of a
/// message uses none of it: what a burst of connections has left would stay for hours, and the little that timers allocate
/// would touch page after page, which looks like a leak.
/// </summary>
internal sealed class RestCollector(TimeProvider time) : BackgroundService
{
    // docs/performance.md, "Memory at rest".
    private const long WorthIt = 4 * 1024 * 1024, MostAtRest = 2 * 1024 * 1024;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    private readonly RestWatch _watch = new(WorthIt, MostAtRest);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_interval, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            if (_watch.IsTime(GC.GetTotalAllocatedBytes(), GC.CollectionCount(0)))
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        }
    }
}

/// <summary>Decides when there is garbage enough, and nobody who makes more of it.</summary>
/// <param name="worthIt">Bytes allocated since the last collection that are worth one.</param>
/// <param name="mostAtRest">Bytes between two looks that a process at rest allocates at most.</param>
internal sealed class RestWatch(long worthIt, long mostAtRest)
{
    private long _collectedAt;
    private long _before;
    private int _collections;

    public bool IsTime(long allocated, int collections)
    {
        var isAtRest = allocated - _before <= mostAtRest;
        _before = allocated;
        if (collections != _collections)
        {
            _collections = collections;
            _collectedAt = allocated; // the runtime has done it, or we have
            return false;
        }

        return isAtRest && allocated - _collectedAt >= worthIt;
    }
}
