using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>Has the route table compared with the route grains: now and then, and when one may have moved.</summary>
internal sealed class RouteComparer(
    RouteReplica replica, IClusterMembershipService membership, IStoreHealth health, TimeProvider time,
    ILogger<RouteComparer> log)
    : BackgroundService
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await replica.Filled.WaitAsync(stoppingToken);
        var seen = membership.CurrentSnapshot.Version;
        var compared = time.GetTimestamp();
        using var ticks = new PeriodicTimer(_look, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            var version = membership.CurrentSnapshot.Version;
            if ((version == seen && time.GetElapsedTime(compared) < _interval) || !health.IsUp)
                continue;

            try
            {
                await replica.CompareAsync();
                seen = version;
                compared = time.GetTimestamp();
            }
            catch (Exception failure)
            {
                log.RoutesNotCompared(failure.Message);
            }
        }
    }
}
