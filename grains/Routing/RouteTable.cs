using System.Text;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// This silo's copy of all routes. Matching a known topic takes no lock; an unknown one walks the tree under the lock and
/// is remembered until a change could alter the answer.
/// </summary>
internal sealed partial class RouteTable(SessionLanes lanes, int mostRemembered = 4 * 1024 * 1024) : IGatewayDirectory
{
    private const int CachedTopics = 64 * 1024;
    private const int KeptRetired = 64;

    private readonly Lock _gate = new();
    private readonly FilterTree<Route> _filters = new();
    private readonly TopicCache<RouteMatch> _cache = new(CachedTopics);
    private readonly Dictionary<string, GatewayDestination> _gateways = [];
    private readonly Dictionary<string, SessionDestination> _sessions = [];
    private readonly Queue<SessionDestination> _retired = new();
    private long _remembered;

    public RouteMatch Match(ReadOnlySpan<byte> topic) =>
        _cache.TryGet(topic, out var match) ? match : MatchAndRemember(topic);

    public void Apply(ReadOnlySpan<RouteChange> changes)
    {
        lock (_gate)
        {
            foreach (var change in changes)
            {
                var filter = Encoding.UTF8.GetBytes(change.Filter);
                if (DestinationOf(change) is not { } destination)
                    continue; // a route that is not there is to go
                Set(filter, destination, change.Options);
                Forget(filter);
            }
        }
    }

    /// <summary>Makes a slice what it is said to be: what is not among the routes goes.</summary>
    public void Replace(int slice, RouteChange[] routes)
    {
        Apply(routes);
        var known = routes.Select(route => (route.Filter, route.Destination)).ToHashSet();
        Apply([.. All().Where(route =>
            RouteSlices.Of(route.Filter) == slice && !known.Contains((route.Filter, route.Destination)))
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

    private RouteMatch MatchAndRemember(ReadOnlySpan<byte> topic)
    {
        var collector = new RouteMatch.Collector();
        lock (_gate)
        {
            var version = _cache.Version;
            _filters.Match(topic, ref collector);
            var match = collector.ToMatch();
            Remember(topic, match, version);
            return match;
        }
    }

    // Bounded by what the answers hold, not by their number only: a wildcard of ten thousand is in every one of them.
    private void Remember(ReadOnlySpan<byte> topic, RouteMatch match, long version)
    {
        _remembered += match.Gateways.Length + match.Sessions.Length;
        if (_remembered > mostRemembered)
        {
            ForgetAll();
            _remembered = match.Gateways.Length + match.Sessions.Length;
            version = _cache.Version;
        }

        _cache.Add(topic, match, version);
    }

    private object? DestinationOf(RouteChange change)
    {
        var id = change.DestinationId;
        if (change.Options is RouteOptions.None)
            return change.IsGateway ? _gateways.GetValueOrDefault(id) : _sessions.GetValueOrDefault(id);
        if (change.IsGateway)
            return GatewayOf(id);

        if (!_sessions.TryGetValue(id, out var session))
            _sessions.Add(id, session = new(id, lanes.Of(id)));
        return session;
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
        if (Find(first, destination) is { } known)
        {
            if (options is RouteOptions.None)
                Remove(filter, first!, known);
            else
                known.Options = options;
        }
        else if (options is not RouteOptions.None)
        {
            _filters.Set(filter, new Route(destination, options, first));
            Count(destination, +1);
        }
    }

    private void Remove(byte[] filter, Route first, Route route)
    {
        if (route != first)
        {
            var before = first;
            while (before.Next != route)
                before = before.Next!;
            before.Next = route.Next;
        }
        else if (route.Next is { } second)
        {
            _filters.Set(filter, second);
        }
        else
        {
            _filters.Remove(filter);
        }

        Count(route.Destination, -1);
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
            session.Routes += change;
            if (session.Routes == 0)
                Retire(session);
        }
    }

    // Not forgotten at once: a session that subscribes again must find the lane that may still be at work for it. Of two
    // lanes the newer could overtake the older, and the session would take what comes late for a repetition.
    private void Retire(SessionDestination session)
    {
        if (!session.IsRetired)
            _retired.Enqueue(session);
        session.IsRetired = true;

        for (var looks = 0; looks < 2 && _retired.Count > KeptRetired; looks++)
        {
            var oldest = _retired.Dequeue();
            if (oldest.Routes == 0 && !oldest.Lane.IsIdle)
            {
                _retired.Enqueue(oldest);
                continue;
            }

            oldest.IsRetired = false;
            if (oldest.Routes == 0)
                _sessions.Remove(oldest.ClientId);
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
