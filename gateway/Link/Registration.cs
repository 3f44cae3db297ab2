using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>Says "here I am" until it is no longer; before the listeners open and after they have closed.</summary>
internal sealed class Registration(
    IGrainFactory grains, IDownlinkReference reference, Downlink downlink, ConnectionTable connections,
    IOptions<GatewayOptions> options, TimeProvider time, ILogger<Registration> log) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _renewing = Task.CompletedTask;
    private long _renewed;

    /// <summary>The cluster has heard of us within the lease.</summary>
    public bool IsRenewed => _renewed != 0 && time.GetElapsedTime(_renewed) < options.Value.Lease;

    private IGatewayGrain Lease => grains.GetGrain<IGatewayGrain>(downlink.GatewayId);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        reference.Attach();
        var answer = await Lease.Renew(options.Value.Lease, reference.Observer);
        _renewed = time.GetTimestamp();
        _renewing = RenewAsync(answer.ClusterVersion);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _renewing;
        await Lease.End();
        reference.Detach();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RenewAsync(long version)
    {
        using var ticks = new PeriodicTimer(options.Value.Lease / 4, time);
        while (await IsNextTickAsync(ticks))
        {
            try
            {
                var asked = time.GetTimestamp();
                var answer = await Lease.Renew(options.Value.Lease, reference.Observer);
                if (answer.IsAlive)
                {
                    _renewed = asked;
                    if (answer.ClusterVersion != version)
                        ResumeSessions();
                    version = answer.ClusterVersion;
                    continue;
                }
            }
            catch (Exception failure)
            {
                log.LeaseNotRenewed(failure.Message);
                if (reference.Observer is null || IsRenewed)
                    continue;
            }

            // Others may give our sessions to new connections from now on: nobody may have two.
            log.LeaseLost(connections.Count);
            foreach (var connection in connections.All)
                connection.Close(ReasonCode.ServerBusy);
        }
    }

    /// <summary>A silo has gone or come: a session that was in it is taken up again, and what waits in it is sent.</summary>
    private void ResumeSessions()
    {
        foreach (var connection in connections.All)
            _ = connection.ResumeSessionAsync(); // each ends with its session awake or its connection closed
    }

    private async Task<bool> IsNextTickAsync(PeriodicTimer ticks)
    {
        try
        {
            return await ticks.WaitForNextTickAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
