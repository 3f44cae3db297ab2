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
/// <remarks>Not reentrant on purpose: silos must hear of two changes of one route in the order in which they were made.</remarks>
internal sealed class RouteGrain(
    RouteStore store, RouteTable local, RouteTableClient tables, IClusterMembershipService membership, TimeProvider time,
    ILogger<RouteGrain> log) : Grain, IRouteGrain
{
    // A stored route is its options; that of a share's members has two numbers more.
    private const int MembersAt = 1, HandleAt = MembersAt + sizeof(int);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private int Slice => (int)this.GetPrimaryKeyLong();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public async Task Change(RouteChange[] changes)
    {
        await store.Change(
            Slice,
            [.. changes.Where(IsSet).Select(change => KeyValuePair.Create(FieldOf(change), ValueOf(change)))],
            [.. changes.Where(change => !IsSet(change)).Select(FieldOf)]);
        var silos = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status is SiloStatus.Active or SiloStatus.Joining)
            .Select(member => member.SiloAddress);
        await Task.WhenAll(silos.Select(silo => TellAsync(silo, changes)));
    }

    public async Task ForgetGateway(string gatewayId)
    {
        var destination = RouteChange.ToGateway(gatewayId);
        var removals = local.FiltersOf(gatewayId, Slice)
            .Select(filter => new RouteChange(filter, destination, RouteOptions.None))
            .Concat(local.ShareRemovalsOf(gatewayId, Slice))
            .ToArray();
        if (removals.Length > 0)
            await Change(removals);
    }

    /// <summary>The stored routes of a slice.</summary>
    public static async IAsyncEnumerable<RouteChange> ReadAll(RouteStore store, int slice)
    {
        await foreach (var (field, value) in store.ReadAll(slice))
        {
            var separator = Array.IndexOf(field, (byte)0);
            yield return new RouteChange(
                Encoding.UTF8.GetString(field, separator + 1, field.Length - separator - 1),
                Encoding.UTF8.GetString(field, 0, separator),
                (RouteOptions)value[0],
                value.Length > 1 ? BinaryPrimitives.ReadInt32LittleEndian(value.AsSpan(MembersAt)) : 0,
                value.Length > 1 ? BinaryPrimitives.ReadUInt64LittleEndian(value.AsSpan(HandleAt)) : 0);
        }
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

    /// <summary>Tells one silo until it knows or is no longer part of the cluster.</summary>
    private async Task TellAsync(SiloAddress silo, RouteChange[] changes)
    {
        while (true)
        {
            try
            {
                await tables.Of(silo).Apply(changes);
                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                if (membership.CurrentSnapshot.GetSiloStatus(silo).IsTerminating())
                    return;
                log.RouteTableNotTold(silo, failure.Message);
            }

            await Task.Delay(_pause, time);
        }
    }
}
