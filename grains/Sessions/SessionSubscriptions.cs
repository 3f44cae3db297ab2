using System.Text;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Orleans.Serialization;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>What a persistent session is subscribed to: stored first, then in the route tables of all silos.</summary>
internal sealed class SessionSubscriptions(
    string clientId, SessionJournal journal, SessionShares shares, IGrainFactory grains, Serializer serializer,
    SessionOptions options)
{
    private readonly Dictionary<string, Subscription> _byFilter = [];

    public int Count => _byFilter.Count;

    public Subscription[] All => [.. _byFilter.Values];

    public void Restore(ReadOnlySpan<byte> name, byte[] value) =>
        _byFilter[Encoding.UTF8.GetString(name[1..])] = serializer.Deserialize<Subscription>(value)!;

    public async Task SetAsync(Subscription[] subscriptions)
    {
        var change = new SessionChanges();
        foreach (var subscription in subscriptions)
            change.Set(SessionFields.Subscription(subscription.Filter), serializer.SerializeToArray(subscription));
        shares.Add(subscriptions, change);

        await journal.CommitAsync(change);
        foreach (var subscription in subscriptions)
            _byFilter[subscription.Filter] = subscription;
        await ChangeRoutesAsync(subscriptions.Select(subscription => RouteOf(subscription.Filter, OptionsOf(subscription))));
        await shares.JoinAsync(subscriptions);
    }

    public async Task<bool[]> RemoveAsync(string[] filters)
    {
        var known = Array.ConvertAll(filters, _byFilter.ContainsKey);
        var change = new SessionChanges();
        foreach (var filter in filters)
            change.Remove(SessionFields.Subscription(filter));

        // Routes first: a route without a subscription would bring messages that nobody asked for, for ever.
        await ChangeRoutesAsync(filters.Where(_byFilter.ContainsKey).Select(filter => RouteOf(filter, RouteOptions.None)));
        await shares.LeaveAsync(filters, change);
        await journal.CommitAsync(change);
        foreach (var filter in filters)
            _byFilter.Remove(filter);
        return known;
    }

    public Task RemoveRoutesAsync() => Task.WhenAll(
        ChangeRoutesAsync(_byFilter.Keys.Select(filter => RouteOf(filter, RouteOptions.None))), shares.EndAsync());

    private RouteChange RouteOf(string filter, RouteOptions route) => new(filter, RouteChange.ToSession(clientId), route);

    private RouteOptions OptionsOf(Subscription subscription)
    {
        var route = (RouteOptions)subscription.QoS;
        if (options.QueueQoS0)
            route |= RouteOptions.QueueQoS0;
        if (subscription.NoLocal && route is not RouteOptions.None)
            route |= RouteOptions.NoLocal;
        return route;
    }

    private Task ChangeRoutesAsync(IEnumerable<RouteChange> changes) =>
        Task.WhenAll(changes
            .Where(change => !SharedFilter.IsShared(change.Filter)) // the share has the route
            .GroupBy(change => RouteSlices.Of(change.Filter))
            .Select(slice => grains.GetGrain<IRouteGrain>(slice.Key).Change([.. slice])));
}
