using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>The lease of one gateway; clears up behind it when the lease ends.</summary>
internal sealed class GatewayGrain(GatewayStore store, TimeProvider time, ILogger<GatewayGrain> log)
    : Grain, IGatewayGrain
{
    private const int AtOnce = 500;

    private bool _hasEnded;

    private string GatewayId => this.GetPrimaryKeyString();

    public async Task<bool> Renew(TimeSpan lease)
    {
        if (_hasEnded)
            return false;

        await store.Renew(GatewayId, time.GetUtcNow() + lease);
        return true;
    }

    public async Task End()
    {
        _hasEnded = true;
        var routes = Enumerable.Range(0, RouteSlices.Count)
            .Select(slice => GrainFactory.GetGrain<IRouteGrain>(slice).ForgetGateway(GatewayId));
        await Task.WhenAll(routes);

        var sessions = 0;
        await foreach (var page in store.ReadClients(GatewayId).Chunk(AtOnce))
        {
            sessions += page.Length;
            await Task.WhenAll(page.Select(client =>
                GrainFactory.GetGrain<ISessionHostGrain>(client).GatewayLost(GatewayId)));
        }

        // Last: were we stopped half-way, the sweeper finds the lease again and everything above is done again.
        await store.DeleteClients(GatewayId);
        await store.Remove(GatewayId);
        log.GatewayEnded(GatewayId, sessions);
    }
}
