using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Hashes of opaque fields, one a slice: what retained messages and routes have in common.</summary>
internal abstract class HashStore(StoreConnection connection, StoreWriter writer, string name)
{
    private const int PageSize = 500;

    /// <summary>Sets the fields; durable when it completes.</summary>
    public Task Set(int slice, IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> fields) =>
        Change(slice, fields, []);

    /// <summary>Removes the fields; durable when it completes.</summary>
    public Task Remove(int slice, IReadOnlyList<ReadOnlyMemory<byte>> fields) => Change(slice, [], fields);

    /// <summary>Removes and sets, both or neither; durable when it completes.</summary>
    public Task Change(
        int slice,
        IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> set,
        IReadOnlyList<ReadOnlyMemory<byte>> remove)
    {
        if (set.Count is 0 && remove.Count is 0)
            return Task.CompletedTask;

        var key = connection.Keys.Slice(name, slice);
        return writer.Write(key, new HashWrite(key, set, remove));
    }

    /// <summary>One field's value, or null.</summary>
    public async Task<byte[]?> Read(int slice, ReadOnlyMemory<byte> field) =>
        await connection.Ask(database => database.HashGetAsync(connection.Keys.Slice(name, slice), field));

    /// <summary>The values of several fields, null where there is none.</summary>
    public async Task<byte[]?[]> Read(int slice, IReadOnlyList<byte[]> fields)
    {
        var names = fields.Select(field => (RedisValue)field).ToArray();
        var values = await connection.Ask(database => database.HashGetAsync(connection.Keys.Slice(name, slice), names));
        return Array.ConvertAll(values, value => (byte[]?)value);
    }

    /// <summary>
    /// Page by page, all that stays in the slice from beginning to end of the reading. A field may come twice, and one that
    /// changes meanwhile with either value.
    /// </summary>
    public async IAsyncEnumerable<KeyValuePair<byte[], byte[]>> ReadAll(
        int slice, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var fields = connection.Database.HashScanAsync(connection.Keys.Slice(name, slice), pageSize: PageSize)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNext(fields))
            yield return KeyValuePair.Create((byte[])fields.Current.Name!, (byte[])fields.Current.Value!);
    }

    private static async ValueTask<bool> MoveNext(IAsyncEnumerator<HashEntry> fields)
    {
        try
        {
            return await fields.MoveNextAsync();
        }
        catch (Exception failure) when (StoreConnection.IsStoreFailure(failure))
        {
            throw new StoreUnavailableException(failure.Message, failure);
        }
    }
}
