using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// Durable timers by slice: an opaque member and when it is due. A member is a client, whose session ends or whose will is
/// due, or the delayed messages of the slice.
/// </summary>
internal sealed class DueStore(StoreConnection connection)
{
    /// <summary>Not the name of a client: none has U+0000 in it. [MQTT-1.5.4-2]</summary>
    public const string DelayedMessages = "\0delayed";

    private const string Name = "due";

    /// <summary>Sets or moves a timer.</summary>
    public Task Set(int slice, ReadOnlyMemory<byte> member, DateTimeOffset due) =>
        connection.Ask(database => database.SortedSetAddAsync(Key(slice), member, due.ToUnixTimeMilliseconds()));

    /// <summary>False when there was no such timer.</summary>
    public Task<bool> Remove(int slice, ReadOnlyMemory<byte> member) =>
        connection.Ask(database => database.SortedSetRemoveAsync(Key(slice), member));

    /// <summary>What is due by <paramref name="now"/>, earliest first. It stays until it is removed.</summary>
    public async Task<IReadOnlyList<byte[]>> ReadDue(int slice, DateTimeOffset now, int max)
    {
        var members = await connection.Ask(database => database.SortedSetRangeByScoreAsync(
            Key(slice), double.NegativeInfinity, now.ToUnixTimeMilliseconds(), take: max));
        return Array.ConvertAll(members, member => (byte[])member!);
    }

    private RedisKey Key(int slice) => connection.Keys.Slice(Name, slice);
}
