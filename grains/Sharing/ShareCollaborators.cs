using Microsoft.Extensions.Hosting;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>What every share grain of a silo shares.</summary>
internal sealed class ShareCollaborators(
    StoredShare.Loader loader, ShareCensus census, RemoteGateways gateways, IGrainFactory grains,
    IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    public StoredShare.Loader Loader => loader;

    public ShareCensus Census => census;

    public RemoteGateways Gateways => gateways;

    /// <summary>
    /// Has a share taken up again after its activation had to give up: members wait for what is in its queue, and perhaps
    /// nobody else ever calls.
    /// </summary>
    public void Revive(string filter) => _ = Task.Run(() => ReviveAsync(filter)); // ends when it lives, or with the silo

    private async Task ReviveAsync(string filter)
    {
        while (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await Task.Delay(_pause, time);
            try
            {
                await grains.GetGrain<IShareGrain>(filter).Wake();
                return;
            }
            catch (Exception)
            {
                // The store, or a silo, is away: the grain has said so.
            }
        }
    }
}
