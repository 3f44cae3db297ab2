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

    /// <summary>
    /// Marks a lease as ended, so that no client is added to it any more, and gives its deadline; null when there is none.
    /// </summary>
    public async Task<DateTimeOffset?> MarkEnded(string gatewayId)
    {
        // The sign is the mark: it keeps the deadline for whoever must do it all again after a crash.
        if (await connection.Ask(database => database.SortedSetScoreAsync(_leases, gatewayId)) is not { } score)
            return null;
        if (score > 0)
            await connection.Ask(database => database.SortedSetAddAsync(_leases, gatewayId, -score));
        return DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Abs(score));
    }

    /// <summary>Whether the lease was marked as ended and is not cleared up yet.</summary>
    public async Task<bool> IsMarkedEnded(string gatewayId) =>
        await connection.Ask(database => database.SortedSetScoreAsync(_leases, gatewayId)) < 0;

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

    public Task<bool> Remove(string gatewayId) =>
        connection.Ask(database => database.SortedSetRemoveAsync(_leases, gatewayId));

    public Task AddClients(string gatewayId, IReadOnlyList<string> clientIds) => clientIds.Count is 0
        ? Task.CompletedTask
        : connection.Ask(database => database.SetAddAsync(Clients(gatewayId), ValuesOf(clientIds)));

    /// <summary>False when the gateway has no lease, or one that has ended: then nobody would clear up behind the client.</summary>
    public async Task<bool> AddClient(string gatewayId, string clientId)
    {
        // In this order on one connection: whoever ends the lease after our look at it finds the client.
        var added = AddClients(gatewayId, [clientId]);
        var score = connection.Ask(database => database.SortedSetScoreAsync(_leases, gatewayId));
        await added;
        return await score > 0;
    }

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
