using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>The lease of one gateway: sees to it that every silo can reach it, and clears up behind it when it ends.</summary>
internal sealed class GatewayGrain(
    GatewayStore store, RouteTableClient tables, IClusterMembershipService membership, TimeProvider time,
    ILogger<GatewayGrain> log) : Grain, IGatewayGrain
{
    private const int AtOnce = 500;

    private bool _hasEnded;
    private long _toldVersion = -1;

    private string GatewayId => this.GetPrimaryKeyString();

    // A lease that was being ended when its silo was lost stays ended.
    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _hasEnded = await store.IsMarkedEnded(GatewayId);

    public async Task<LeaseAnswer> Renew(TimeSpan lease, IGatewayObserver? observer)
    {
        if (_hasEnded)
            return new LeaseAnswer(IsAlive: false, 0);

        await store.Renew(GatewayId, time.GetUtcNow() + lease);
        var snapshot = membership.CurrentSnapshot;
        var version = snapshot.Version.Value;
        if (observer is not null && version != _toldVersion)
        {
            var active = snapshot.Members.Values.Where(member => member.Status is SiloStatus.Active);
            await Task.WhenAll(active.Select(silo => tables.Of(silo.SiloAddress).Attach(GatewayId, observer)));
            _toldVersion = version;
            log.GatewayAttached(GatewayId);
        }

        return new LeaseAnswer(IsAlive: true, version);
    }

    public async Task End()
    {
        _hasEnded = true;

        // How long its sessions have been alone already counts for them, also when nobody was there to see it.
        var since = await store.MarkEnded(GatewayId) ?? time.GetUtcNow();
        var active = membership.CurrentSnapshot.Members.Values.Where(member => member.Status is SiloStatus.Active);
        await Task.WhenAll(active.Select(silo => tables.Of(silo.SiloAddress).Detach(GatewayId)));
        await Task.WhenAll(Enumerable.Range(0, RouteSlices.Count)
            .Select(slice => GrainFactory.GetGrain<IRouteGrain>(slice).ForgetGateway(GatewayId)));

        var sessions = 0;
        await foreach (var page in store.ReadClients(GatewayId).Chunk(AtOnce))
        {
            sessions += page.Length;
            await Task.WhenAll(page.Select(client =>
                GrainFactory.GetGrain<ISessionHostGrain>(client).GatewayLost(GatewayId, since.ToUnixTimeMilliseconds())));
        }

        // Last: were we stopped half-way, the sweeper finds the lease again and everything above is done again.
        await store.DeleteClients(GatewayId);
        await store.Remove(GatewayId);
        log.GatewayEnded(GatewayId, sessions);
    }
}
