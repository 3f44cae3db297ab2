using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Cluster;

/// <summary>
/// Lists clients page by page: each gateway and each slice of the index gives the first few behind a client id, in one
/// order, and the first few of all these are the page. So a page costs the same in a small cluster and in a large one.
/// </summary>
internal sealed class ClientListing(GatewayDesks desks, SessionIndex index, SessionStore store, IGrainFactory grains)
{
    // A page that is hard to fill ends short, with a place to go on from.
    private const int MostRounds = 20;

    public async Task<ClientPage> ListAsync(ClientQuery query)
    {
        var limit = Paging.Clamp(query.Limit);
        var clients = new List<ClientSummary>(limit);
        var silent = new HashSet<string>();
        var after = query.After;
        for (var round = 0; round < MostRounds && clients.Count < limit; round++)
        {
            var (found, last) = await ReadAsync(query with { After = after, Limit = limit }, silent);
            foreach (var client in found.Where(client => IsWanted(client, query)))
            {
                if (clients.Count == limit)
                    return PageOf(clients, clients[^1].ClientId, silent);
                clients.Add(client);
            }

            if (last is null)
                return PageOf(clients, next: null, silent);
            after = last;
        }

        return PageOf(clients, after, silent);
    }

    /// <summary>The first clients behind a place, connected or not, and where to go on; null at the end.</summary>
    private async Task<(ClientSummary[] Clients, string? Last)> ReadAsync(ClientQuery query, HashSet<string> silent)
    {
        var stored = query.IsConnected == true ? Task.FromResult<string[]>([]) : ReadStoredAsync(query);
        var (pages, unreachable) = await desks.AskAllAsync(desk => desk.Connections(query.Prefix, query.After, query.Limit));
        silent.UnionWith(unreachable);

        var merged = new SortedDictionary<string, ClientSummary>(CodePointOrder.Instance);
        foreach (var clientId in await stored)
            merged[clientId] = new ClientSummary { ClientId = clientId, IsPersistent = true };
        foreach (var connection in pages.SelectMany(page => page))
        {
            // Where a client is just being taken over, two gateways may have it.
            if (merged.GetValueOrDefault(connection.ClientId)?.Connection is not { } other || other.Epoch < connection.Epoch)
                merged[connection.ClientId] = SummaryOf(connection);
        }

        var first = merged.Values.Take(query.Limit).ToArray();
        return (await WithoutGhostsAsync(first), first.Length < query.Limit ? null : first[^1].ClientId);
    }

    private async Task<string[]> ReadStoredAsync(ClientQuery query)
    {
        var slices = await Task.WhenAll(Enumerable.Range(0, RouteSlices.Count)
            .Select(slice => index.Read(slice, query.Prefix, query.After, query.Limit)));
        return [.. slices.SelectMany(clientIds => clientIds)];
    }

    /// <summary>A crash can leave an entry of the index without its session: it is not shown, and goes.</summary>
    private async Task<ClientSummary[]> WithoutGhostsAsync(ClientSummary[] clients)
    {
        var exist = await Task.WhenAll(clients.Select(
            client => client.Connection is not null ? Task.FromResult(true) : store.Exists(client.ClientId)));
        await Task.WhenAll(clients.Where((_, at) => !exist[at])
            .Select(ghost => grains.GetGrain<ISessionHostGrain>(ghost.ClientId).DoWhatIsDue()));
        return [.. clients.Where((_, at) => exist[at])];
    }

    private static bool IsWanted(ClientSummary client, ClientQuery query) =>
        query.IsConnected is not { } wanted || wanted == client.Connection is not null;

    private static ClientSummary SummaryOf(ConnectionInfo connection) => new()
    {
        ClientId = connection.ClientId,
        IsPersistent = connection.IsPersistent,
        Connection = connection,
    };

    private static ClientPage PageOf(List<ClientSummary> clients, string? next, HashSet<string> silent) =>
        new() { Clients = [.. clients], Next = next, Unreachable = [.. silent] };
}
