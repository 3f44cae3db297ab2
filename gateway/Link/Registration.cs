using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>Says "here I am" until it is no longer; before the listeners open and after they have closed.</summary>
internal sealed class Registration(
    IGrainFactory grains, IGatewayDirectory directory, Downlink downlink, ConnectionTable connections,
    IOptions<GatewayOptions> options, TimeProvider time, ILogger<Registration> log) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _renewing = Task.CompletedTask;

    private IGatewayGrain Lease => grains.GetGrain<IGatewayGrain>(downlink.GatewayId);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        directory.Attach(downlink);
        await Lease.Renew(options.Value.Lease);
        _renewing = RenewAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _renewing;
        await Lease.End();
        directory.Detach(downlink.GatewayId);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RenewAsync()
    {
        using var ticks = new PeriodicTimer(options.Value.Lease / 4, time);
        while (await IsNextTickAsync(ticks))
        {
            try
            {
                if (await Lease.Renew(options.Value.Lease))
                    continue;
            }
            catch (Exception failure)
            {
                log.LeaseNotRenewed(failure.Message);
                continue;
            }

            // Others have been told that we are gone, and our sessions have been given up.
            log.LeaseLost(connections.Count);
            foreach (var connection in connections.All)
                connection.Close(ReasonCode.ServerUnavailable);
        }
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
