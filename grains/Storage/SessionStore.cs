using Orleans.Mqtt.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// The durable form of sessions: per client an owner, a hash of small state fields and a list of queue records, the
/// latter two named after their owner, so that a writer who has lost the session writes where nobody reads (P5).
/// </summary>
internal sealed class SessionStore(StoreConnection connection, StoreWriter writer, TimeProvider time)
    : ISessionStore
{
    private const int MostClaimAttempts = 16;

    // For longer than a silo that hung can go on with the calls that it has, before it learns that it was given up. Each is
    // a small key: at a thousand ends a second they come to some 40 MB.
    private static readonly TimeSpan _epochsLast = TimeSpan.FromMinutes(5);

    public Task<bool> Exists(string clientId) =>
        connection.Ask(database => database.KeyExistsAsync(
            connection.Keys.Owner(clientId), CommandFlags.DemandMaster));

    /// <summary>The state fields as they are, without a claim: what others may see. Null when nothing is stored.</summary>
    public async Task<IReadOnlyList<KeyValuePair<byte[], byte[]>>?> Peek(string clientId)
    {
        for (var attempt = 0; attempt < MostClaimAttempts; attempt++)
        {
            var owner = await connection.Ask(database => database.StringGetAsync(connection.Keys.Owner(clientId)));
            if (owner.IsNull)
                return null;

            var fields = await connection.Ask(
                database => database.HashGetAllAsync(connection.Keys.State(clientId, (long)owner)));
            if (fields.Length > 0)
                return Array.ConvertAll(fields, field => KeyValuePair.Create((byte[])field.Name!, (byte[])field.Value!));
        }

        return null; // a session that has just begun, or goes from one owner to the next all the time
    }

    /// <summary>
    /// Takes the session over from its owner so far. Null when nothing is stored and <paramref name="create"/> is false.
    /// </summary>
    public async Task<SessionClaim?> Claim(string clientId, bool create, int firstRecords)
    {
        var ownerKey = connection.Keys.Owner(clientId);
        for (var attempt = 0; attempt < MostClaimAttempts; attempt++)
        {
            var found = await connection.Ask(database => database.StringGetAsync(ownerKey, CommandFlags.DemandMaster));
            if (found.IsNull && !create)
                return null;

            var claim = await TryClaim(clientId, found, firstRecords);
            if (claim is not null)
                return claim;
        }

        throw new StoreUnavailableException($"The session of '{clientId}' changes owners too fast.");
    }

    public Task Commit(SessionClaim claim, in SessionChange change)
    {
        if (change.IsEmpty)
            return Task.CompletedTask;

        claim.Note(change);
        return writer.Write(claim.OwnerKey, new SessionWrite(claim, change));
    }

    public async Task<IReadOnlyList<byte[]>> ReadQueue(SessionClaim claim, long index, int count)
    {
        if (count <= 0)
            return [];

        var values = await connection.Ask(
            database => database.ListRangeAsync(claim.QueueKey, index, index + count - 1, CommandFlags.DemandMaster));
        return Array.ConvertAll(values, value => (byte[])value!);
    }

    public async Task<bool> Delete(SessionClaim claim, long lastEpoch = 0)
    {
        claim.Break();
        var done = await connection.Ask(database => database.ScriptEvaluateAsync(
            SessionScripts.Delete,
            [claim.OwnerKey, claim.StateKey, claim.QueueKey, claim.LastEpochKey],
            [claim.Owner, lastEpoch, (long)_epochsLast.TotalMilliseconds]));
        return (long)done is 1;
    }

    /// <summary>Remembers an epoch that has ended of a client who has no session.</summary>
    public Task NoteEnd(string clientId, long epoch) => connection.Ask(database => database.ScriptEvaluateAsync(
        SessionScripts.End, [connection.Keys.LastEpoch(clientId)], [epoch, (long)_epochsLast.TotalMilliseconds]));

    private async Task<SessionClaim?> TryClaim(string clientId, RedisValue found, int firstRecords)
    {
        var keys = connection.Keys;
        var earlier = found.IsNull ? 0 : (long)found;
        var owner = found.IsNull ? FirstOwner() : earlier + 1;
        var ownerKey = keys.Owner(clientId);
        var stateKey = keys.State(clientId, owner);
        var queueKey = keys.Queue(clientId, owner);
        var lastEpochKey = keys.LastEpoch(clientId);
        var answer = await connection.Ask(database => database.ScriptEvaluateAsync(
            SessionScripts.Claim,
            [ownerKey, keys.State(clientId, earlier), keys.Queue(clientId, earlier), stateKey, queueKey, lastEpochKey],
            [found.IsNull ? RedisValue.EmptyString : found, owner, firstRecords]));
        if (answer.IsNull)
            return null;

        var parts = (RedisResult[])answer!;
        return new SessionClaim
        {
            ClientId = clientId,
            Owner = owner,
            IsNew = found.IsNull,
            LastEpoch = (long)parts[3],
            Fields = FieldsOf((byte[][])parts[0]!),
            QueueLength = (long)parts[1],
            FirstRecords = (byte[][])parts[2]!,
            OwnerKey = ownerKey,
            StateKey = stateKey,
            QueueKey = queueKey,
            LastEpochKey = lastEpochKey,
        };
    }

    // A client that was deleted and comes back must not meet a late writer of its former life with the same number.
    // Below 2^53, because scripts and other tools hold numbers as doubles.
    private long FirstOwner() => (time.GetUtcNow().ToUnixTimeMilliseconds() * 1_024) + Random.Shared.Next(1_024);

    private static KeyValuePair<byte[], byte[]>[] FieldsOf(byte[][] flat)
    {
        var fields = new KeyValuePair<byte[], byte[]>[flat.Length / 2];
        for (var field = 0; field < fields.Length; field++)
            fields[field] = KeyValuePair.Create(flat[2 * field], flat[(2 * field) + 1]);

        return fields;
    }
}
