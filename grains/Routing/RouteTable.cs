using System.Text;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// This silo's copy of all routes. Matching a known topic takes no lock; an unknown one walks the tree under the lock and
/// is remembered until a change could alter the answer.
/// </summary>
internal sealed partial class RouteTable(SessionLanes lanes, ShareRoutes shares, int mostRemembered = 4 * 1024 * 1024)
    : IGatewayDirectory
{
    private const int CachedTopics = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly FilterTree<Route> _filters = new();
    private readonly TopicCache<RouteMatch> _cache = new(CachedTopics);
    private readonly Dictionary<string, GatewayDestination> _gateways = [];
    private readonly SessionDirectory _sessions = new(lanes);
    private long _remembered;

    public RouteMatch Match(ReadOnlySpan<byte> topic)
    {
        var hash = TopicHash.Of(topic);
        return _cache.TryGet(topic, hash, out var match) ? match : MatchAndRemember(topic, hash);
    }

    public void Apply(ReadOnlySpan<RouteChange> changes)
    {
        lock (_gate)
        {
            foreach (var change in changes)
            {
                var filter = Encoding.UTF8.GetBytes(change.Filter);
                if (change.IsShare)
                    ApplyToShare(filter, change);
                else if (DestinationOf(change) is { } destination)
                    Set(filter, destination, change.Options);
                else
                    continue; // a route that is not there is to go
                Forget(filter);
            }
        }
    }

    /// <summary>Makes a slice what it is said to be: what is not among the routes goes.</summary>
    public void Replace(int slice, RouteChange[] routes)
    {
        Apply(routes);
        var known = routes.Select(route => (route.Filter, route.Destination)).ToHashSet();
        Apply([.. All(slice)
            .Where(route => !known.Contains((route.Filter, route.Destination)))
            .Select(route => route with { Options = RouteOptions.None })]);
    }

    public void Attach(IGatewayPort gateway)
    {
        lock (_gate)
            GatewayOf(gateway.GatewayId).Port = gateway;
    }

    public void Detach(string gatewayId)
    {
        lock (_gate)
        {
            if (!_gateways.TryGetValue(gatewayId, out var gateway))
                return;
            gateway.Port = null;
            Count(gateway, 0);
        }
    }

    /// <summary>The gateway's port if this silo can reach it.</summary>
    public IGatewayPort? PortOf(string gatewayId)
    {
        lock (_gate)
            return _gateways.TryGetValue(gatewayId, out var gateway) ? gateway.Port : null;
    }

    private RouteMatch MatchAndRemember(ReadOnlySpan<byte> topic, uint hash)
    {
        var collector = new RouteMatch.Collector();
        lock (_gate)
        {
            var version = _cache.Version;
            _filters.Match(topic, ref collector);
            var match = collector.ToMatch();
            Remember(topic, hash, match, ref version);
            return match;
        }
    }

    // Bounded by what the answers hold, not by their number only: a wildcard of ten thousand is in every one of them.
    private void Remember(ReadOnlySpan<byte> topic, uint hash, RouteMatch match, ref long version)
    {
        if (!_cache.IsWorthAdding(hash))
            return;

        _remembered += match.Size;
        if (_remembered > mostRemembered)
        {
            ForgetAll();
            _remembered = match.Size;
            version = _cache.Version;
        }

        _cache.Add(topic, match, version);
    }

    private object? DestinationOf(RouteChange change)
    {
        var id = change.DestinationId;
        if (change.Options is not RouteOptions.None)
            return change.IsGateway ? GatewayOf(id) : _sessions.Of(id);
        return change.IsGateway ? _gateways.GetValueOrDefault(id) : _sessions.Find(id);
    }

    // A share's parts are counted like routes of their own; in the tree they stand as one.
    private void ApplyToShare(byte[] filter, RouteChange change)
    {
        if (shares.Of(change) is not { } share)
            return;

        if (change.IsShareQueue)
        {
            var queue = _sessions.Of(ShareNames.Of(share.Filter));
            Count(queue, share.SetQueue(queue, change.Options));
        }
        else
        {
            var gateway = GatewayOf(change.GatewayId!);
            Count(gateway, share.SetMembers(gateway, change.Options is RouteOptions.None ? 0 : change.Members, change.Handle));
        }

        Set(filter, share, share.Options);
        if (share.Options is RouteOptions.None)
            shares.Remove(share);
    }

    private GatewayDestination GatewayOf(string id)
    {
        if (!_gateways.TryGetValue(id, out var gateway))
            _gateways.Add(id, gateway = new GatewayDestination(id));
        return gateway;
    }

    private void Set(byte[] filter, object destination, RouteOptions options)
    {
        _filters.TryGet(filter, out var first);
        if (Find(first, destination) is not { } known)
        {
            if (options is RouteOptions.None)
                return;
            _filters.Set(filter, Route.Of(destination, options, first));
            Count(destination, +1);
        }
        else if (options is RouteOptions.None)
        {
            Replace(filter, first!, known, known.Next);
            Count(destination, -1);
        }
        else if (options != known.Options)
        {
            Replace(filter, first!, known, Route.Of(destination, options, known.Next));
        }
    }

    private void Replace(byte[] filter, Route first, Route route, Route? by)
    {
        if (route != first)
        {
            var before = first;
            while (before.Next != route)
                before = before.Next!;
            before.Next = by;
        }
        else if (by is not null)
        {
            _filters.Set(filter, by);
        }
        else
        {
            _filters.Remove(filter);
        }
    }

    private void Count(object destination, int change)
    {
        if (destination is GatewayDestination gateway)
        {
            gateway.Routes += change;
            if (gateway is { Routes: 0, Port: null })
                _gateways.Remove(gateway.Id);
        }
        else if (destination is SessionDestination session)
        {
            _sessions.CountRoutes(session, change);
        }
    }

    private static Route? Find(Route? first, object destination)
    {
        for (var route = first; route is not null; route = route.Next)
        {
            if (route.Destination == destination)
                return route;
        }

        return null;
    }

    // A filter without wildcards can only alter the answer for the topic of the same name.
    private void Forget(ReadOnlySpan<byte> filter)
    {
        if (filter.IndexOfAny((byte)'+', (byte)'#') < 0)
            _cache.Remove(filter);
        else
            ForgetAll();
    }

    private void ForgetAll()
    {
        _cache.Clear();
        _remembered = 0;
    }
}
