using System.Buffers.Binary;
using System.Text;
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
    RouteStore store, Standing standing, RouteTable local, RouteReplica replica, RouteTableClient tables,
    IClusterMembershipService membership, TimeProvider time, ILogger<RouteGrain> log) : Grain, IRouteGrain
{
    // A stored route is its options; that of a share's members has two numbers more.
    private const int MembersAt = 1, HandleAt = MembersAt + sizeof(int);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<SiloAddress> _greeted = [];
    private SliceClaim _claim = null!;
    private long _version;

    private int Slice => (int)this.GetPrimaryKeyLong();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        await standing.DemandAsync();
        _claim = await store.Claim(Slice);
        _version = _claim.Version;
    }

    public async Task Change(RouteChange[] changes)
    {
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
    }

    public Task<long> Greet(SiloAddress silo)
    {
        _greeted.Add(silo);
        return Task.FromResult(_version);
    }

    /// <summary>A stored field as the route that it stands for.</summary>
    public static RouteChange RouteOf(KeyValuePair<byte[], byte[]> stored)
    {
        var (field, value) = stored;
        var separator = Array.IndexOf(field, (byte)0);
        return new RouteChange(
            Encoding.UTF8.GetString(field, separator + 1, field.Length - separator - 1),
            Encoding.UTF8.GetString(field, 0, separator),
            (RouteOptions)value[0],
            value.Length > 1 ? BinaryPrimitives.ReadInt32LittleEndian(value.AsSpan(MembersAt)) : 0,
            value.Length > 1 ? BinaryPrimitives.ReadUInt64LittleEndian(value.AsSpan(HandleAt)) : 0);
    }

    private static bool IsSet(RouteChange change) => change.Options is not RouteOptions.None;

    // U+0000 is in neither part: MQTT forbids it in filters and client identifiers. [MQTT-1.5.4-2]
    private static ReadOnlyMemory<byte> FieldOf(RouteChange change) =>
        Encoding.UTF8.GetBytes($"{change.Destination}\0{change.Filter}");

    private static ReadOnlyMemory<byte> ValueOf(RouteChange change)
    {
        var value = new byte[change.IsShareMembers ? HandleAt + sizeof(ulong) : 1];
        value[0] = (byte)change.Options;
        if (change.IsShareMembers)
        {
            BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(MembersAt), change.Members);
            BinaryPrimitives.WriteUInt64LittleEndian(value.AsSpan(HandleAt), change.Handle);
        }

        return value;
    }

    private bool HasLeft(SiloAddress silo) => membership.CurrentSnapshot.GetSiloStatus(silo).IsTerminating();

    private async Task StoreAsync(RouteChange[] changes)
    {
        // One change may speak of a route twice: the last word counts, and the store takes no order within a change.
        var last = new Dictionary<(string, string), RouteChange>(changes.Length);
        foreach (var change in changes)
            last[(change.Filter, change.Destination)] = change;

        try
        {
            await store.Change(
                _claim,
                [.. last.Values.Where(IsSet).Select(change => KeyValuePair.Create(FieldOf(change), ValueOf(change)))],
                [.. last.Values.Where(change => !IsSet(change)).Select(FieldOf)],
                _version + 1);
        }
        catch (Exception)
        {
            // Whether it is stored is unknown, or another activation has the slice: only a new one can go on.
            DeactivateOnIdle();
            throw;
        }

        _version++;
    }

    private async Task<List<RouteChange>> ReadRoutesAsync(string gatewayId)
    {
        var routes = new List<RouteChange>();
        await foreach (var field in store.ReadAll(_claim))
        {
            if (RouteOf(field) is var route && route.LeadsTo(gatewayId))
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
