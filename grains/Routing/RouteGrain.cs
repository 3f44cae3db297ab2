using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// Stores each change of its slice, then tells every active silo, then answers: so a SUBACK that follows means that no
/// router anywhere is without the route (promise P4).
/// </summary>
/// <remarks>
/// Not reentrant on purpose: silos must hear of two changes of one route in the order in which they were made. Each change
/// has a version, by which a silo finds out that it has missed one.
/// </remarks>
internal sealed class RouteGrain(
    RouteStore store, RouteTable local, RouteReplica replica, RouteTableClient tables, IClusterMembershipService membership,
    TimeProvider time, ILogger<RouteGrain> log) : Grain, IRouteGrain
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<SiloAddress> _greeted = [];
    private SliceClaim _claim = null!;
    private ChangeNumbers _numbers = null!;
    private long _version;

    private int Slice => (int)this.GetPrimaryKeyLong();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        _claim = await store.Claim(Slice);
        _numbers = new ChangeNumbers(store, _claim);
        _version = _claim.Version;
    }

    public async Task Change(RouteChange[] changes)
    {
        changes = await _numbers.LeaveOutLateAsync(changes);
        if (changes.Length == 0)
            return;

        await StoreAsync(changes);
        var silos = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status is SiloStatus.Active or SiloStatus.Joining)
            .Select(member => member.SiloAddress);
        _greeted.RemoveWhere(HasLeft);
        await Task.WhenAll(silos.Union(_greeted).Select(silo => TellAsync(silo, changes)));
    }

    public async Task ForgetGateway(string gatewayId)
    {
        var routes = replica.IsAt(Slice, _version) ? local.RoutesTo(gatewayId, Slice) : await ReadRoutesAsync(gatewayId);
        await Change([.. routes.Select(route => route with { Options = RouteOptions.None })]);
        await StoreAsync([], [ChangeNumbers.FieldOf(gatewayId)]);
        _numbers.Forget(gatewayId);
    }

    public Task<long> Greet(SiloAddress silo)
    {
        _greeted.Add(silo);
        return Task.FromResult(_version);
    }

    private static bool IsSet(RouteChange change) => change.Options is not RouteOptions.None;

    private bool HasLeft(SiloAddress silo) => membership.CurrentSnapshot.GetSiloStatus(silo).IsTerminating();

    private async Task StoreAsync(RouteChange[] changes)
    {
        // One change may speak of a route twice: the last word counts, and the store takes no order within a change.
        var last = new Dictionary<(string, string), RouteChange>(changes.Length);
        foreach (var change in changes)
            last[(change.Filter, change.Destination)] = change;

        await StoreAsync(
            [
                .. last.Values.Where(IsSet).Select(route => KeyValuePair.Create(RouteFields.NameOf(route), RouteFields.ValueOf(route))),
                .. ChangeNumbers.FieldsFor(changes),
            ],
            [.. last.Values.Where(route => !IsSet(route)).Select(RouteFields.NameOf)],
            _version + 1);
        _version++;
        _numbers.Note(changes);
    }

    private async Task StoreAsync(
        List<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> set, List<ReadOnlyMemory<byte>> remove, long version = 0)
    {
        try
        {
            await store.Change(_claim, set, remove, version);
        }
        catch (Exception)
        {
            // Whether it is stored is unknown, or another activation has the slice: only a new one can go on.
            DeactivateOnIdle();
            throw;
        }
    }

    private async Task<List<RouteChange>> ReadRoutesAsync(string gatewayId)
    {
        var routes = new List<RouteChange>();
        await foreach (var field in store.ReadAll(_claim))
        {
            if (RouteFields.Read(field) is var route && route.LeadsTo(gatewayId))
                routes.Add(route);
        }

        return routes;
    }

    /// <summary>Tells one silo until it knows or is no longer part of the cluster.</summary>
    private async Task TellAsync(SiloAddress silo, RouteChange[] changes)
    {
        while (true)
        {
            try
            {
                await tables.Of(silo).Apply(Slice, _version, changes);
                return;
            }
            catch (Exception failure)
            {
                if (HasLeft(silo))
                    return;
                log.RouteTableNotTold(silo, failure.Message);
            }

            await Task.Delay(_pause, time);
        }
    }
}
