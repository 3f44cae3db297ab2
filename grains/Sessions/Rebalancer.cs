using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// Moves idle sessions, a few at a time, while this silo has more than its share, to the silo that has the fewest: such as
/// one that has just come. Their connections do not notice.
/// </summary>
internal sealed class Rebalancer(
    SessionCensus census, RouteTableClient silos, IClusterMembershipService membership, IGrainFactory grains,
    IOptions<SessionOptions> options, TimeProvider time, ILogger<Rebalancer> log)
    : BackgroundService
{
    // A little more than the share is as good as the share, and moving is not free.
    private const double Tolerance = 1.1;
    private const int Slack = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.RebalanceRate == 0)
            return;

        using var ticks = new PeriodicTimer(options.Value.RebalanceInterval, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await CompareAsync() is ({ } surplus, { } emptiest))
                    await MoveAsync(surplus, emptiest);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.NotRebalanced(failure.Message); // some silo is on its way in or out; there is no hurry
            }
        }
    }

    /// <summary>How many sessions this silo has above its share, and the silo that has the fewest.</summary>
    private async Task<(int Surplus, SiloAddress? Emptiest)> CompareAsync()
    {
        var active = membership.CurrentSnapshot.Members.Values.Where(member => member.Status is SiloStatus.Active)
            .Select(member => member.SiloAddress).ToArray();
        if (active.Length < 2)
            return (0, null);

        var counts = await Task.WhenAll(active.Select(silo => silos.Of(silo).CountSessions()));
        var share = counts.Average();
        return census.Count > (share * Tolerance) + Slack
            ? ((int)(census.Count - share), active[counts.IndexOf(counts.Min())])
            : (0, null);
    }

    private async Task MoveAsync(int surplus, SiloAddress target)
    {
        var most = (int)Math.Min(surplus, options.Value.RebalanceRate * options.Value.RebalanceInterval.TotalSeconds);
        var idle = census.Idle(options.Value.RebalanceIdle, most).ToArray();
        foreach (var clientId in idle)
            await grains.GetGrain<ISessionHostGrain>(clientId).Move(target);
        if (idle.Length > 0)
            log.Rebalanced(idle.Length, target, surplus);
    }
}
