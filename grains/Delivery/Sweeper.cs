using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>
/// Looks a few times a second for gateways whose lease is over. Every silo runs one; the grain that it wakes makes ending a
/// lease twice harmless.
/// </summary>
internal sealed class Sweeper(
    GatewayStore gateways, RouteTable routes, RemoteGateways links, IStoreHealth health, IGrainFactory grains,
    TimeProvider time, ILogger<Sweeper> log)
    : BackgroundService
{
    private readonly ConcurrentDictionary<string, Task> _ending = [];

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(0.25);

    // Where no gateway is but our own: a new one is seen before its lease, of two seconds at least, can be over.
    private static readonly TimeSpan _leisure = TimeSpan.FromSeconds(1);

    // The time of leases does not run while the store is away: when it is back, gateways get time to renew first.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(4);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_interval, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var interval = await EndGatewaysAsync() ? _interval : _leisure;
                if (ticks.Period != interval)
                    ticks.Period = interval; // which sets the timer anew
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                if (health.IsUp)
                    log.SweepFailed(failure.Message);
            }
        }
    }

    /// <summary>Whether there is any gateway but those of this process.</summary>
    private async Task<bool> EndGatewaysAsync()
    {
        var linked = links.Known; // before the leases are read: a link is made only to a gateway that has one
        var now = time.GetUtcNow();
        var (readingLeases, readingEnded) = (gateways.ReadLeases(), gateways.ReadEnded());
        await Task.WhenAll(readingLeases, readingEnded);
        var (leases, ended) = (await readingLeases, await readingEnded);
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

        return ended.Count > 0 || leases.Keys.Any(gatewayId => !IsHere(gatewayId));
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
}
