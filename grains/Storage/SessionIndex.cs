using System.Text;
using Orleans.Mqtt.Routing;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// Which persistent sessions there are, by slice and in order of their client ids, so that they can be listed without a
/// walk over all keys. An entry may outlive its session for a while, after a crash in between; the reverse never happens.
/// </summary>
internal sealed class SessionIndex(StoreConnection connection)
{
    private const string Name = "sessions";

    public Task Add(string clientId) =>
        connection.Ask(database => database.SortedSetAddAsync(KeyOf(clientId), clientId, 0));

    public Task Remove(string clientId) =>
        connection.Ask(database => database.SortedSetRemoveAsync(KeyOf(clientId), clientId));

    /// <summary>How many there are in all slices.</summary>
    public async Task<long> Count()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, RouteSlices.Count)
            .Select(slice => connection.Ask(database => database.SortedSetLengthAsync(Key(slice)))));
        return counts.Sum();
    }

    /// <summary>The first client ids of a slice that begin with <paramref name="prefix"/> and are behind <paramref name="after"/>.</summary>
    public async Task<string[]> Read(int slice, string prefix, string after, int count)
    {
        var (first, behind) = (Encoding.UTF8.GetBytes(prefix), Encoding.UTF8.GetBytes(after));
        var isBehind = behind.AsSpan().SequenceCompareTo(first) >= 0;
        byte[] last = [.. first, 0xFF]; // no byte of UTF-8 is as high
        var found = await connection.Ask(database => database.SortedSetRangeByValueAsync(
            Key(slice), isBehind ? behind : first, last, isBehind ? Exclude.Start : Exclude.None, take: count));
        return Array.ConvertAll(found, clientId => clientId.ToString());
    }

    private RedisKey KeyOf(string clientId) => Key(RouteSlices.Of(clientId));

    private RedisKey Key(int slice) => connection.Keys.Slice(Name, slice);
}
