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

    /// <summary>What the connection has asked for last, counted by it; 0 when it has not asked for anything.</summary>
    public long LastRequest { get; set; }

    /// <summary>
    /// Has stored that a request is being done; by the answer this session is still ours. One that comes after a later one
    /// would undo it.
    /// </summary>
    public Task BeginAsync(long request)
    {
        if (request < LastRequest)
            throw new StaleEpochException($"Request {request} comes after {LastRequest}.");

        LastRequest = request;
        var change = new SessionChanges();
        change.Set(SessionFields.LastRequest, SessionFields.Number(request));
        return journal.CommitAsync(change);
    }

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
        await ChangeRoutesAsync(subscriptions.Select(subscription => subscription.MatchedFilter).Distinct());
        await shares.JoinAsync(subscriptions);
    }

    public async Task<bool[]> RemoveAsync(string[] filters)
    {
        var known = Array.ConvertAll(filters, _byFilter.ContainsKey);
        var change = new SessionChanges();
        foreach (var filter in filters)
            change.Remove(SessionFields.Subscription(filter));

        // Routes first: a route without a subscription would bring messages that nobody asked for, for ever.
        var removed = filters.Where(_byFilter.ContainsKey).ToHashSet();
        await ChangeRoutesAsync(removed.Select(ExclusiveFilter.Matched).Distinct(), removed);
        await shares.LeaveAsync(filters, change);
        await journal.CommitAsync(change);
        foreach (var filter in removed)
            _byFilter.Remove(filter);
        return known;
    }

    public Task RemoveRoutesAsync() => Task.WhenAll(
        ChangeRoutesAsync(_byFilter.Keys.Select(ExclusiveFilter.Matched).Distinct(), [.. _byFilter.Keys]), shares.EndAsync());

    /// <summary>One route for a filter and its exclusive form, if the session has both.</summary>
    private RouteOptions OptionsOf(string matched, HashSet<string>? without) =>
        new[] { matched, ExclusiveFilter.Of(matched) }
            .Where(filter => _byFilter.ContainsKey(filter) && without?.Contains(filter) is not true)
            .Aggregate(RouteOptions.None, (route, filter) => Merge(route, OptionsOf(_byFilter[filter])));

    private static RouteOptions Merge(RouteOptions one, RouteOptions other)
    {
        if (one is RouteOptions.None || other is RouteOptions.None)
            return one | other;

        var qos = Math.Max((int)(one & RouteOptions.QoSMask), (int)(other & RouteOptions.QoSMask));
        var noLocal = one & other & RouteOptions.NoLocal; // if either hears the client itself, the client is heard
        return ((one | other) & ~(RouteOptions.QoSMask | RouteOptions.NoLocal)) | noLocal | (RouteOptions)qos;
    }

    private RouteOptions OptionsOf(Subscription subscription)
    {
        var route = (RouteOptions)subscription.QoS;
        if (options.QueueQoS0)
            route |= RouteOptions.QueueQoS0;
        if (subscription.NoLocal && route is not RouteOptions.None)
            route |= RouteOptions.NoLocal;
        return route;
    }

    private Task ChangeRoutesAsync(IEnumerable<string> matched, HashSet<string>? without = null) =>
        Task.WhenAll(matched
            .Where(filter => !SharedFilter.IsShared(filter)) // the share has the route
            .Select(filter => new RouteChange(filter, RouteChange.ToSession(clientId), OptionsOf(filter, without))
            {
                Number = journal.Claim.Owner,
            })
            .GroupBy(change => RouteSlices.Of(change.Filter))
            .Select(slice => grains.GetGrain<IRouteGrain>(slice.Key).Change([.. slice])));
}
