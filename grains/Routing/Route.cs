using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// Who wants what matches a filter, and how. The routes of one filter are a linked list; most have one, and those that are
/// alone and lead to one gateway in one way are one object. So a route's options never change, and neither does the next
/// of one that has none.
/// </summary>
internal sealed class Route(object destination, RouteOptions options, Route? next)
{
    /// <summary>A <see cref="GatewayDestination"/>, a <see cref="SessionDestination"/> or a <see cref="Sharing.ShareDestination"/>.</summary>
    public object Destination { get; } = destination;

    public RouteOptions Options { get; } = options;

    public Route? Next { get; set; } = next;

    /// <summary>A million filters of one gateway need one route.</summary>
    public static Route Of(object destination, RouteOptions options, Route? next) =>
        next is null && destination is GatewayDestination gateway && GatewayRoute.IsOrdinary(options)
            ? gateway.Route(options)
            : new Route(destination, options, next);
}

/// <summary>A gateway with interested live connections. Its port is null while this silo cannot reach it.</summary>
internal sealed class GatewayDestination(string id)
{
    private readonly RouteMatch?[] _alone = new RouteMatch?[GatewayRoute.Kinds];
    private readonly Route?[] _routes = new Route?[GatewayRoute.Kinds];
    private volatile IGatewayPort? _port;

    public string Id { get; } = id;

    /// <summary>Number of filters that lead here.</summary>
    public int Routes { get; set; }

    public IGatewayPort? Port
    {
        get => _port;
        set => _port = value;
    }

    /// <summary>The answer for every topic that this gateway alone wants in one way: most topics, so it is made once.</summary>
    public RouteMatch Alone(RouteOptions options)
    {
        var route = new GatewayRoute(this, options);
        return _alone[route.Kind] ??= RouteMatch.Of(route);
    }

    /// <summary>The route of every filter that leads here in this way and nowhere else.</summary>
    public Route Route(RouteOptions options) =>
        _routes[new GatewayRoute(this, options).Kind] ??= new Route(this, options, next: null);
}

/// <summary>A persistent session.</summary>
internal sealed class SessionDestination(string clientId, SessionLane lane)
{
    public string ClientId { get; } = clientId;

    public SessionLane Lane { get; } = lane;

    public int Routes { get; set; }

    /// <summary>It is on the list of those that nothing leads to, though it may have come back since.</summary>
    public bool IsRetired { get; set; }
}
