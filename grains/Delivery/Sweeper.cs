using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>
/// Looks every second for gateways whose lease is over. Every silo runs one; the grain that it wakes makes ending a lease
/// twice harmless.
/// </summary>
internal sealed class Sweeper(
    GatewayStore gateways, RouteTable routes, IGrainFactory grains, TimeProvider time, ILogger<Sweeper> log)
    : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_interval, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await EndGatewaysAsync(time.GetUtcNow());
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                log.SweepFailed(failure.Message);
            }
        }
    }

    private async Task EndGatewaysAsync(DateTimeOffset now)
    {
        foreach (var gatewayId in await gateways.ReadExpired(now))
        {
            // A gateway in this very process lives as long as we do, however late its heartbeat is.
            if (routes.PortOf(gatewayId) is null or RemoteGateway)
                await grains.GetGrain<IGatewayGrain>(gatewayId).End();
        }
    }
}
