using System.Collections.Concurrent;
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
/// Looks a few times a second for what has come due in the store: gateways whose lease is over, sessions that have expired. Every
/// silo runs one; the grains that it wakes make doing a thing twice harmless.
/// </summary>
internal sealed class Sweeper(
    GatewayStore gateways, DueStore due, RouteTable routes, RemoteGateways links, IStoreHealth health, IGrainFactory grains,
    TimeProvider time, ILogger<Sweeper> log)
    : BackgroundService
{
    private const int AtOnce = 1_000;

    private readonly ConcurrentDictionary<string, Task> _ending = [];

    private const int TicksBetweenExpiries = 4;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(0.25);

    // The time of leases does not run while the store is away: when it is back, gateways get time to renew first.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(4);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_interval, time);
        for (var tick = 0; await ticks.WaitForNextTickAsync(stoppingToken); tick++)
        {
            try
            {
                await EndGatewaysAsync();
                if (tick % TicksBetweenExpiries == 0)
                    await ExpireSessionsAsync(time.GetUtcNow());
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                if (health.IsUp)
                    log.SweepFailed(failure.Message);
            }
        }
    }

    private async Task EndGatewaysAsync()
    {
        var linked = links.Known; // before the leases are read: a link is made only to a gateway that has one
        var now = time.GetUtcNow();
        var leases = await gateways.ReadLeases();
        var ended = await gateways.ReadEnded();
        foreach (var gatewayId in linked)
        {
            if (!leases.ContainsKey(gatewayId))
                links.Forget(gatewayId);
        }

        var expired = health.UpFor < _grace
            ? []
            : leases.Where(lease => lease.Value <= now && !IsHere(lease.Key)).Select(lease => lease.Key);

        foreach (var gatewayId in expired.Union(ended))
        {
            if (!_ending.TryGetValue(gatewayId, out var ending) || ending.IsCompleted)
                _ending[gatewayId] = EndAsync(gatewayId);
        }
    }

    // Beside the sweeps: one whose sessions cannot be told yet must not hold up the next.
    private async Task EndAsync(string gatewayId)
    {
        try
        {
            await grains.GetGrain<IGatewayGrain>(gatewayId).End();
            _ending.TryRemove(gatewayId, out _);
        }
        catch (Exception failure)
        {
            log.GatewayNotEnded(gatewayId, failure.Message); // and found again at the next sweep
        }
    }

    // A gateway in this very process lives as long as we do, however late its heartbeat is.
    private bool IsHere(string gatewayId) => routes.PortOf(gatewayId) is { } port and not RemoteGateway;

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
