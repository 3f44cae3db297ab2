using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Timers;

/// <summary>
/// Looks twice a second for durable timers that have come, and wakes the grain that each is for. Every silo runs one. A timer
/// stays in the store until its grain has done what it is for and takes it away, so one that a silo was killed over is found
/// by the others, or after the start; the grains make being woken twice harmless.
/// </summary>
internal sealed class Timekeeper(DueStore due, IGrainFactory grains, TimeProvider time, ILogger<Timekeeper> log)
    : BackgroundService
{
    // Of one slice: so many grains are woken at once, the earliest first.
    private const int AtOnce = 500;

    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(500);

    // A call into a silo that has died takes long to fail; the others must not wait for it, and it need not be made twice.
    private readonly ConcurrentDictionary<(int Slice, string Member), bool> _underWay = new();

    /// <summary>Wakes whoever is due now; ends when all are called, not when they have answered.</summary>
    public Task TickAsync()
    {
        var now = time.GetUtcNow();
        return Task.WhenAll(Enumerable.Range(0, RouteSlices.Count).Select(slice => WakeAsync(slice, now)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_interval, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TickAsync();
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                log.SweepFailed(failure.Message);
            }
        }
    }

    private async Task WakeAsync(int slice, DateTimeOffset now)
    {
        foreach (var bytes in await due.ReadDue(slice, now, AtOnce))
        {
            var member = Encoding.UTF8.GetString(bytes);
            if (_underWay.TryAdd((slice, member), true))
                _ = RingAsync(slice, member); // ends with its call; what failed is due at the next look, too
        }
    }

    private async Task RingAsync(int slice, string member)
    {
        try
        {
            if (member == DueStore.DelayedMessages)
                await grains.GetGrain<IDelayedGrain>(slice).PublishDue();
            else
                await grains.GetGrain<ISessionHostGrain>(member).DoWhatIsDue();
        }
        catch (Exception failure)
        {
            log.TimerNotHeard(member, failure.Message);
        }
        finally
        {
            _underWay.TryRemove((slice, member), out _);
        }
    }
}
