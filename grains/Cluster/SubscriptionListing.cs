using System.Text;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Orleans.Serialization;

namespace Orleans.Mqtt.Grains.Cluster;

/// <summary>
/// Lists subscriptions page by page: all of them client by client, since the tables of filters have no order; those of one
/// filter from the route table and the gateways.
/// </summary>
internal sealed class SubscriptionListing(
    ClientListing clients, GatewayDesks desks, RouteTable routes, SessionStore store, Serializer serializer)
{
    private const int ClientsAtOnce = 50;
    private const int MostRounds = 20;

    public Task<SubscriptionPage> ListAsync(SubscriptionQuery query)
    {
        var limit = Paging.Clamp(query.Limit);
        var after = query.After ?? new SubscriptionPlace("", "");
        return query.Filter is { } filter ? ListOfFilterAsync(filter, after, limit) : ListAllAsync(after, limit);
    }

    private async Task<SubscriptionPage> ListAllAsync(SubscriptionPlace after, int limit)
    {
        var page = new List<ClientSubscription>(limit);
        var silent = new HashSet<string>();
        for (var round = 0; round < MostRounds; round++)
        {
            var found = await ReadClientsAsync(after, isFirst: round == 0, silent);
            var place = after;
            var read = await Task.WhenAll(found.Clients.Select(client => SubscriptionsOfAsync(client, place, limit)));
            foreach (var subscription in read.SelectMany(subscriptions => subscriptions))
            {
                if (page.Count == limit)
                    return PageOf(page, PlaceOf(page[^1]), silent);
                page.Add(subscription);
            }

            if (found.Next is null)
                return PageOf(page, next: null, silent);
            after = new SubscriptionPlace(found.Next, "");
        }

        return PageOf(page, after, silent);
    }

    /// <summary>Clients behind a place; with the client of the place itself where the page before ended within it.</summary>
    private async Task<ClientPage> ReadClientsAsync(SubscriptionPlace after, bool isFirst, HashSet<string> silent)
    {
        var query = new ClientQuery { After = after.ClientId, Limit = ClientsAtOnce };
        var found = await clients.ListAsync(query);
        silent.UnionWith(found.Unreachable);
        if (!isFirst || after.Filter.Length == 0)
            return found;

        // The list has what is behind a client id: the client itself is the first of those that begin with it.
        var within = await clients.ListAsync(new ClientQuery { Prefix = after.ClientId, Limit = 1 });
        return found with { Clients = [.. within.Clients.Where(client => client.ClientId == after.ClientId), .. found.Clients] };
    }

    private async Task<ClientSubscription[]> SubscriptionsOfAsync(ClientSummary client, SubscriptionPlace place, int limit)
    {
        var after = client.ClientId == place.ClientId ? place.Filter : "";
        var subscriptions = client.IsPersistent
            ? await ReadStoredAsync(client.ClientId, after, limit)
            : await desks.AskAsync(
                client.Connection!.GatewayId, desk => desk.SubscriptionsOf(client.ClientId, after, limit)) ?? [];
        return Array.ConvertAll(subscriptions, subscription => new ClientSubscription(client.ClientId, subscription));
    }

    /// <summary>From the store, so that a list does not wake every session there is.</summary>
    private async Task<Subscription[]> ReadStoredAsync(string clientId, string after, int limit) =>
    [
        .. (await store.Peek(clientId) ?? [])
            .Where(field => field.Key[0] is SessionFields.SubscriptionPrefix)
            .Select(field => (Filter: Encoding.UTF8.GetString(field.Key.AsSpan(1)), field.Value))
            .Where(field => CodePointOrder.Instance.Compare(field.Filter, after) > 0)
            .OrderBy(field => field.Filter, CodePointOrder.Instance)
            .Take(limit)
            .Select(field => serializer.Deserialize<Subscription>(field.Value)!),
    ];

    private async Task<SubscriptionPage> ListOfFilterAsync(string filter, SubscriptionPlace after, int limit)
    {
        var (pages, silent) = await desks.AskAllAsync(desk => desk.SubscribersOf(filter, after.ClientId, limit));
        var merged = new SortedDictionary<string, ClientSubscription>(CodePointOrder.Instance);
        foreach (var (clientId, options) in routes.SessionsOf(filter))
        {
            if (CodePointOrder.Instance.Compare(clientId, after.ClientId) > 0)
                merged[clientId] = new ClientSubscription(clientId, SubscriptionOf(filter, options));
        }

        // A gateway knows more of a subscription than its route does.
        foreach (var subscriber in pages.SelectMany(page => page))
            merged[subscriber.ClientId] = subscriber;

        var first = merged.Values.Take(limit).ToList();
        return PageOf(first, merged.Count < limit ? null : PlaceOf(first[^1]), silent);
    }

    private static SubscriptionPlace PlaceOf(ClientSubscription last) => new(last.ClientId, last.Subscription.Filter);

    private static Subscription SubscriptionOf(string filter, RouteOptions options) => new()
    {
        Filter = filter,
        QoS = (QoS)(options & RouteOptions.QoSMask),
        NoLocal = (options & RouteOptions.NoLocal) != 0,
    };

    private static SubscriptionPage PageOf(
        List<ClientSubscription> subscriptions, SubscriptionPlace? next, IEnumerable<string> silent) =>
        new() { Subscriptions = [.. subscriptions], Next = next, Unreachable = [.. silent] };
}
