using System.Text;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

// What the table holds, for those who look after it.
internal sealed partial class RouteTable
{
    /// <summary>Number of filters that lead anywhere.</summary>
    public int Filters
    {
        get
        {
            lock (_gate)
                return _filters.Count;
        }
    }

    /// <summary>Gateways and sessions that are known by name.</summary>
    public int Destinations
    {
        get
        {
            lock (_gate)
                return _gateways.Count + _sessions.Count + shares.Count;
        }
    }

    public static int MostRememberedTopics => CachedTopics;

    /// <summary>Topics whose answer is remembered.</summary>
    public int RememberedTopics => _cache.Count;

    /// <summary>Gateways and sessions in all remembered answers, and how many may be.</summary>
    public (long Count, long Limit) Remembered => (Volatile.Read(ref _remembered), mostRemembered);

    /// <summary>Every gateway that this silo can reach.</summary>
    public IGatewayPort[] Ports
    {
        get
        {
            lock (_gate)
                return [.. _gateways.Values.Select(gateway => gateway.Port).OfType<IGatewayPort>()];
        }
    }

    /// <summary>The sessions that a filter leads to, and what they want.</summary>
    public List<(string ClientId, RouteOptions Options)> SessionsOf(string filter)
    {
        var sessions = new List<(string, RouteOptions)>();
        lock (_gate)
        {
            _filters.TryGet(Encoding.UTF8.GetBytes(filter), out var route);
            for (; route is not null; route = route.Next)
            {
                if (route.Destination is SessionDestination session)
                    sessions.Add((session.ClientId, route.Options));
            }
        }

        return sessions;
    }

    /// <summary>Routes of one slice that lead to a gateway, or to members of shared subscriptions there.</summary>
    public IReadOnlyList<RouteChange> RoutesTo(string gatewayId, int slice)
    {
        lock (_gate)
        {
            if (!_gateways.TryGetValue(gatewayId, out var gateway) || gateway.Routes == 0)
                return [];
        }

        return All(slice).FindAll(route => route.LeadsTo(gatewayId));
    }

    private List<RouteChange> All(int slice)
    {
        var routes = new List<RouteChange>();
        lock (_gate)
        {
            foreach (var entry in _filters)
            {
                var filter = Encoding.UTF8.GetString(entry.Text);
                if (RouteSlices.Of(filter) != slice)
                    continue;
                for (var route = entry.Value; route is not null; route = route.Next)
                    routes.AddRange(ChangesOf(filter, route));
            }
        }

        return routes;
    }

    private static RouteChange[] ChangesOf(string filter, Route route) => route.Destination switch
    {
        GatewayDestination gateway => [new RouteChange(filter, RouteChange.ToGateway(gateway.Id), route.Options)],
        SessionDestination session => [new RouteChange(filter, RouteChange.ToSession(session.ClientId), route.Options)],
        _ => ((ShareDestination)route.Destination).Routes,
    };
}
