using Microsoft.Extensions.Hosting;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>
/// Collects garbage while the process rests. The runtime does so when its budget is used up, and the road of a message uses
/// none of it: what a burst of connections has left would stay for hours, and the little that timers allocate would touch
/// page after page, which looks like a leak. (docs/performance.md, "Memory at rest")
/// </summary>
internal sealed class RestCollector(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watch = new RestWatch(_interval);
        using var ticks = new PeriodicTimer(_interval, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            var memory = GC.GetGCMemoryInfo(GCKind.Any);
            var wasted = memory.TotalCommittedBytes - memory.HeapSizeBytes + memory.FragmentedBytes;
            switch (watch.Look(new RestFigures(
                GC.GetTotalAllocatedBytes(), GC.CollectionCount(0), Environment.CpuUsage.TotalTime, memory.HeapSizeBytes, wasted,
                GC.CollectionCount(GC.MaxGeneration))))
            {
                case Rest.CollectYoung:
                    GC.Collect(0, GCCollectionMode.Forced, blocking: true);
                    break;
                case Rest.Compact:
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    break;
                default:
                    break;
            }
        }
    }
}
