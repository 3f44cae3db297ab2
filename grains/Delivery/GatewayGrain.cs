using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>Clears up behind one gateway whose lease is over, once and one after the other.</summary>
internal sealed class GatewayGrain(
    GatewayStore store, RouteTableClient tables, IClusterMembershipService membership, ILogger<GatewayGrain> log)
    : Grain, IGatewayGrain
{
    private const int AtOnce = 500;

    private bool _isDone;

    private string GatewayId => this.GetPrimaryKeyString();

    public async Task End()
    {
        if (_isDone)
            return; // every silo's sweeper asks

        // First, so that it cannot be renewed and nobody is added to it; the sweepers find it until all is done.
        await store.End(GatewayId);
        var detached = Task.WhenAll(Silos().Select(DetachAsync));
        var routes = Task.WhenAll(Enumerable.Range(0, RouteSlices.Count)
            .Select(slice => GrainFactory.GetGrain<IRouteGrain>(slice).ForgetGateway(GatewayId)));
        var sessions = EndSessionsAsync();
        await detached;
        await routes;
        var count = await sessions;
        await store.Forget(GatewayId);
        _isDone = true;
        log.GatewayEnded(GatewayId, count);
    }

    private IEnumerable<SiloAddress> Silos() => membership.CurrentSnapshot.Members.Values
        .Where(member => member.Status is SiloStatus.Active)
        .Select(member => member.SiloAddress);

    private async Task<int> EndSessionsAsync()
    {
        var sessions = 0;
        await foreach (var page in store.ReadClients(GatewayId).Chunk(AtOnce))
        {
            sessions += page.Length;
            await Task.WhenAll(page.Select(client =>
                GrainFactory.GetGrain<ISessionHostGrain>(client).GatewayLost(GatewayId)));
        }

        return sessions;
    }

    // A silo that does not hear of it finds out by itself, and one that has died must not hold up the rest.
    private async Task DetachAsync(SiloAddress silo)
    {
        try
        {
            await tables.Of(silo).Detach(GatewayId);
        }
        catch (Exception failure)
        {
            log.NotDetached(silo, GatewayId, failure.Message);
        }
    }
}
