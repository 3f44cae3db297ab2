using System.Buffers.Binary;
using System.Text;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// Finds out which changes of a slice come late: a silo that hung, and was given up, may hand over a call when the same
/// gateway, or a later owner of the same session, has said something newer.
/// </summary>
/// <remarks>
/// A gateway counts its changes; the last number is stored with the slice, in a field of its own, and read when the gateway
/// is first heard of. Sessions and queues of shares are too many for that. Their number is stored in the route, and looked at
/// when the route is to go.
/// </remarks>
internal sealed class ChangeNumbers(RouteStore store, SliceClaim claim)
{
    private readonly Dictionary<string, long> _byGateway = [];

    /// <summary>The field that a gateway's number is stored in. No destination begins with U+0000.</summary>
    public static ReadOnlyMemory<byte> FieldOf(string gatewayId) => Encoding.UTF8.GetBytes($"\0g{gatewayId}");

    /// <summary>The changes without those that come late.</summary>
    public async Task<RouteChange[]> LeaveOutLateAsync(RouteChange[] changes)
    {
        if (Array.TrueForAll(changes, change => change.Number == 0))
            return changes;

        await LearnAsync([.. changes.Select(change => change.GatewayId).OfType<string>().Distinct()]);
        var timely = Array.FindAll(changes, change => change.GatewayId is not { } id || IsTimely(change, _byGateway[id]));
        return await LeaveOutLateRemovalsAsync(timely);
    }

    /// <summary>What is to be stored with these changes.</summary>
    public static IEnumerable<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> FieldsFor(IEnumerable<RouteChange> changes) =>
        LastOf(changes).Select(last => KeyValuePair.Create(FieldOf(last.GatewayId), BytesOf(last.Number)));

    /// <summary>They are stored.</summary>
    public void Note(IEnumerable<RouteChange> changes)
    {
        foreach (var (gatewayId, number) in LastOf(changes))
            _byGateway[gatewayId] = number;
    }

    /// <summary>The gateway is no more.</summary>
    public void Forget(string gatewayId) => _byGateway.Remove(gatewayId);

    private static ReadOnlyMemory<byte> BytesOf(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return bytes;
    }

    // What has no number is of the slice itself, which clears up. The same number again is a repetition, which may be needed.
    private static bool IsTimely(RouteChange change, long last) => change.Number == 0 || change.Number >= last;

    private static IEnumerable<(string GatewayId, long Number)> LastOf(IEnumerable<RouteChange> changes) => changes
        .Where(change => change is { GatewayId: not null, Number: > 0 })
        .GroupBy(change => change.GatewayId!, (id, own) => (id, own.Max(change => change.Number)));

    private async Task LearnAsync(string[] gateways)
    {
        var unknown = Array.FindAll(gateways, id => !_byGateway.ContainsKey(id));
        if (unknown.Length == 0)
            return;

        var found = await store.Read(claim, Array.ConvertAll(unknown, id => FieldOf(id).ToArray()));
        foreach (var (id, number) in unknown.Zip(found))
            _byGateway[id] = number is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(number);
    }

    private async Task<RouteChange[]> LeaveOutLateRemovalsAsync(RouteChange[] changes)
    {
        var removals = Array.FindAll(changes, change => change is { Options: RouteOptions.None, GatewayId: null, Number: > 0 });
        if (removals.Length == 0)
            return changes;

        var stored = await store.Read(claim, Array.ConvertAll(removals, route => RouteFields.NameOf(route).ToArray()));
        var late = removals.Zip(stored)
            .Where(pair => pair.Second is { } route && !IsTimely(pair.First, RouteFields.NumberIn(route)))
            .Select(pair => pair.First)
            .ToHashSet();
        return late.Count == 0 ? changes : Array.FindAll(changes, change => !late.Contains(change));
    }
}
