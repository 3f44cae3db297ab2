using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Orleans.Mqtt.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// Hashes of opaque fields, one a slice: what retained messages and routes have in common. A slice has one writer at a
/// time, who claims it (P5).
/// </summary>
internal abstract class HashStore(StoreConnection connection, StoreWriter writer, string name)
{
    private const int PageSize = 500;
    private const int MostClaimAttempts = 16;

    // No topic and no destination begins with U+0000 [MQTT-1.5.4-2]: what does is none of the entries.
    private static readonly byte[] _version = [0, (byte)'v'];

    /// <summary>Takes the slice over from its owner so far.</summary>
    public async Task<SliceClaim> Claim(int slice)
    {
        var ownerKey = connection.Keys.SliceOwner(name, slice);
        for (var attempt = 0; attempt < MostClaimAttempts; attempt++)
        {
            var found = await ReadOwner(slice);
            var key = connection.Keys.Slice(name, slice, found + 1);
            var version = await connection.Ask(database => database.ScriptEvaluateAsync(
                SliceScripts.Claim,
                [ownerKey, connection.Keys.Slice(name, slice, found), key],
                [found is 0 ? RedisValue.EmptyString : found, found + 1, _version]));
            if (version.IsNull)
                continue; // another one was faster

            return new SliceClaim
            {
                Name = name, Slice = slice, Owner = found + 1, Version = NumberOf((byte[]?)version), OwnerKey = ownerKey, Key = key,
            };
        }

        throw new StoreUnavailableException($"Slice {slice} of '{name}' changes owners too fast.");
    }

    /// <summary>
    /// Removes and sets, both or neither, and notes the version that the slice has with it, unless that is 0; durable when
    /// it completes. Throws <see cref="StaleOwnerException"/> when the slice has a newer owner.
    /// </summary>
    public Task Change(
        SliceClaim claim,
        IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> set,
        IReadOnlyList<ReadOnlyMemory<byte>> remove,
        long version = 0)
    {
        if (set.Count is 0 && remove.Count is 0)
            return Task.CompletedTask;

        var all = version is 0 ? set : [.. set, new(_version, BytesOf(version))];
        return writer.Write(claim.OwnerKey, new HashWrite(claim, all, remove));
    }

    /// <summary>
    /// Page by page, all that stays in the slice from beginning to end of the reading. A field may come twice, and one that
    /// changes meanwhile with either value. Only for the owner: were the slice claimed, the rest would be missing.
    /// </summary>
    public IAsyncEnumerable<KeyValuePair<byte[], byte[]>> ReadAll(
        SliceClaim claim, CancellationToken cancellationToken = default) => Scan(claim.Key, cancellationToken);

    /// <summary>The values of several fields, null where there is none. Only for the owner.</summary>
    public async Task<byte[]?[]> Read(SliceClaim claim, IReadOnlyList<byte[]> fields)
    {
        var names = fields.Select(field => (RedisValue)field).ToArray();
        var values = await connection.Ask(database => database.HashGetAsync(claim.Key, names, CommandFlags.DemandMaster));
        return Array.ConvertAll(values, value => (byte[]?)value);
    }

    /// <summary>
    /// All fields of a slice, and a version that they have at least: what changed later may be in them or not.
    /// </summary>
    public async Task<(long Version, List<KeyValuePair<byte[], byte[]>> Fields)> ReadSlice(int slice)
    {
        while (true)
        {
            var owner = await ReadOwner(slice);
            var key = connection.Keys.Slice(name, slice, owner);
            var version = NumberOf(await connection.Ask(database => database.HashGetAsync(key, _version, CommandFlags.DemandMaster)));
            var fields = new List<KeyValuePair<byte[], byte[]>>();
            await foreach (var field in Scan(key, CancellationToken.None))
                fields.Add(field);

            // A slice that was claimed meanwhile has moved away under the reader.
            if (await ReadOwner(slice) == owner)
                return (version, fields);
        }
    }

    private async Task<long> ReadOwner(int slice)
    {
        var owner = await connection.Ask(database => database.StringGetAsync(
            connection.Keys.SliceOwner(name, slice), CommandFlags.DemandMaster));
        return owner.IsNull ? 0 : (long)owner;
    }

    private async IAsyncEnumerable<KeyValuePair<byte[], byte[]>> Scan(
        RedisKey key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var fields = connection.Database.HashScanAsync(key, pageSize: PageSize, flags: CommandFlags.DemandMaster)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNext(fields))
        {
            var field = (byte[])fields.Current.Name!;
            if (field[0] != 0) // the version, and what else stands beside the entries
                yield return KeyValuePair.Create(field, (byte[])fields.Current.Value!);
        }
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

    private static byte[] BytesOf(long version)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, version);
        return bytes;
    }

    private static long NumberOf(byte[]? bytes) =>
        bytes is { Length: sizeof(long) } ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;
}
