using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Which gateways hold a lease until when, and which clients each of them serves (P6).</summary>
internal sealed class GatewayStore(StoreConnection connection)
{
    private const int PageSize = 500;
    private readonly byte[] _leases = connection.Keys.Named("gateways");

    public Task Renew(string gatewayId, DateTimeOffset deadline) => connection.Ask(
        database => database.SortedSetAddAsync(_leases, gatewayId, deadline.ToUnixTimeMilliseconds()));

    /// <summary>Gateways whose lease has ended, longest ago first.</summary>
    public async Task<IReadOnlyList<string>> ReadExpired(DateTimeOffset now)
    {
        var ids = await connection.Ask(database => database.SortedSetRangeByScoreAsync(
            _leases, double.NegativeInfinity, now.ToUnixTimeMilliseconds()));
        return Array.ConvertAll(ids, id => id.ToString());
    }

    /// <summary>All gateways that have a lease, ended or not.</summary>
    public async Task<IReadOnlyList<string>> ReadGateways()
    {
        var ids = await connection.Ask(database => database.SortedSetRangeByRankAsync(_leases));
        return Array.ConvertAll(ids, id => id.ToString());
    }

    /// <summary>All leases and when they end.</summary>
    public async Task<IReadOnlyList<(string GatewayId, DateTimeOffset Ends)>> ReadLeases()
    {
        var leases = await connection.Ask(database => database.SortedSetRangeByRankWithScoresAsync(_leases));
        return Array.ConvertAll(
            leases, lease => (lease.Element.ToString(), DateTimeOffset.FromUnixTimeMilliseconds((long)lease.Score)));
    }

    public Task<bool> Remove(string gatewayId) =>
        connection.Ask(database => database.SortedSetRemoveAsync(_leases, gatewayId));

    public Task AddClients(string gatewayId, IReadOnlyList<string> clientIds) => clientIds.Count is 0
        ? Task.CompletedTask
        : connection.Ask(database => database.SetAddAsync(Clients(gatewayId), ValuesOf(clientIds)));

    public Task RemoveClients(string gatewayId, IReadOnlyList<string> clientIds) => clientIds.Count is 0
        ? Task.CompletedTask
        : connection.Ask(database => database.SetRemoveAsync(Clients(gatewayId), ValuesOf(clientIds)));

    /// <summary>Page by page. A client may come twice.</summary>
    public async IAsyncEnumerable<string> ReadClients(
        string gatewayId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var clients = connection.Database.SetScanAsync(Clients(gatewayId), pageSize: PageSize)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNext(clients))
            yield return clients.Current.ToString();
    }

    public Task DeleteClients(string gatewayId) =>
        connection.Ask(database => database.KeyDeleteAsync(Clients(gatewayId)));

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

    private static RedisValue[] ValuesOf(IReadOnlyList<string> ids)
    {
        var values = new RedisValue[ids.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = ids[index];

        return values;
    }
}
