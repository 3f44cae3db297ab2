using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>
/// Looks every second for what has come due in the store: gateways whose lease is over, sessions that have expired. Every
/// silo runs one; the grains that it wakes make doing a thing twice harmless.
/// </summary>
internal sealed class Sweeper(
    GatewayStore gateways, DueStore due, RouteTable routes, IGrainFactory grains, TimeProvider time, ILogger<Sweeper> log)
    : BackgroundService
{
    private const int AtOnce = 1_000;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_interval, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var now = time.GetUtcNow();
                await EndGatewaysAsync(now);
                await ExpireSessionsAsync(now);
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

    private async Task ExpireSessionsAsync(DateTimeOffset now)
    {
        for (var slice = 0; slice < RouteSlices.Count; slice++)
        {
            foreach (var member in await due.ReadDue(slice, now, AtOnce))
            {
                var clientId = Encoding.UTF8.GetString(member);

                // Out first: a session that is not due after all has set, or sets, its own timer again.
                await due.Remove(slice, member);
                await grains.GetGrain<ISessionHostGrain>(clientId).ExpireIfDue();
            }
        }
    }
}
