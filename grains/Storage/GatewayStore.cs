using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// Which gateways hold a lease until when, how they are reached, and which clients each of them serves (P6). A lease that
/// has ended is gone for good: the gateway moves to those that are cleared up behind.
/// </summary>
internal sealed class GatewayStore(StoreConnection connection)
{
    private const int PageSize = 500;

    // KEYS leases; ARGV gateway, deadline
    private const string RenewScript = """
        if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
        redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
        return 1
        """;

    // KEYS leases, ended; ARGV gateway
    private const string EndScript = """
        redis.call('SADD', KEYS[2], ARGV[1])
        return redis.call('ZREM', KEYS[1], ARGV[1])
        """;

    private readonly byte[] _leases = connection.Keys.Group("gateways", "leases");
    private readonly byte[] _ended = connection.Keys.Group("gateways", "ended");
    private readonly byte[] _addresses = connection.Keys.Group("gateways", "addresses");

    /// <summary>Begins a lease. <paramref name="address"/> is how silos reach the gateway.</summary>
    public async Task Begin(string gatewayId, DateTimeOffset deadline, byte[] address)
    {
        // The address first: a gateway that has a lease can be reached.
        await connection.Ask(database => database.HashSetAsync(_addresses, gatewayId, address));
        await connection.Ask(database => database.SortedSetAddAsync(_leases, gatewayId, deadline.ToUnixTimeMilliseconds()));
    }

    /// <summary>False when the lease has ended, or never began.</summary>
    public async Task<bool> Renew(string gatewayId, DateTimeOffset deadline) =>
        (long)await connection.Ask(database => database.ScriptEvaluateAsync(
            RenewScript, [_leases], [gatewayId, deadline.ToUnixTimeMilliseconds()])) is 1;

    public async Task<bool> HasLease(string gatewayId) =>
        await connection.Ask(database => database.SortedSetScoreAsync(_leases, gatewayId, CommandFlags.DemandMaster)) is not null;

    /// <summary>Null when the gateway has no lease (any more).</summary>
    public async Task<byte[]?> ReadAddress(string gatewayId)
    {
        if (!await HasLease(gatewayId))
            return null;

        return await connection.Ask(database => database.HashGetAsync(_addresses, gatewayId, CommandFlags.DemandMaster));
    }

    /// <summary>All gateways that have a lease, and until when.</summary>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> ReadLeases()
    {
        var leases = await connection.Ask(database => database.SortedSetRangeByRankWithScoresAsync(
            _leases, flags: CommandFlags.DemandMaster));
        return leases.ToDictionary(
            lease => lease.Element.ToString(), lease => DateTimeOffset.FromUnixTimeMilliseconds((long)lease.Score));
    }

    /// <summary>Gateways whose lease has ended and behind which not everything is cleared up.</summary>
    public async Task<IReadOnlyList<string>> ReadEnded()
    {
        var ids = await connection.Ask(database => database.SetMembersAsync(_ended, CommandFlags.DemandMaster));
        return Array.ConvertAll(ids, id => id.ToString());
    }

    /// <summary>Ends the lease: from now on it cannot be renewed, and no client is added.</summary>
    public Task End(string gatewayId) =>
        connection.Ask(database => database.ScriptEvaluateAsync(EndScript, [_leases, _ended], [gatewayId]));

    /// <summary>Nothing of the gateway is left.</summary>
    public async Task Forget(string gatewayId)
    {
        await connection.Ask(database => database.KeyDeleteAsync(Clients(gatewayId)));
        await connection.Ask(database => database.HashDeleteAsync(_addresses, gatewayId));
        await connection.Ask(database => database.SetRemoveAsync(_ended, gatewayId));
    }

    /// <summary>False when the gateway has no lease: then nobody would clear up behind its clients.</summary>
    public async Task<bool> AddClient(string gatewayId, string clientId)
    {
        // In this order: whoever ends the lease does it before it reads the clients.
        var added = connection.Ask(database => database.SetAddAsync(Clients(gatewayId), clientId));
        var hasLease = HasLease(gatewayId);
        await added;
        return await hasLease;
    }

    public Task RemoveClient(string gatewayId, string clientId) =>
        connection.Ask(database => database.SetRemoveAsync(Clients(gatewayId), clientId));

    /// <summary>Page by page. A client may come twice.</summary>
    public async IAsyncEnumerable<string> ReadClients(
        string gatewayId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var clients = connection.Database.SetScanAsync(Clients(gatewayId), pageSize: PageSize)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNext(clients))
            yield return clients.Current.ToString();
    }

    private static async ValueTask<bool> MoveNext(IAsyncEnumerator<RedisValue> clients)
    {
        try
        {
            return await clients.MoveNextAsync();
        }
        catch (Exception failure) when (StoreConnection.IsStoreFailure(failure))
        {
            throw new StoreUnavailableException(failure.Message, failure);
        }
    }

    private RedisKey Clients(string gatewayId) => connection.Keys.Named($"gateway:{gatewayId}:clients");
}
