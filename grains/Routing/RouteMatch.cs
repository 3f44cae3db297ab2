using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>Everyone who wants one topic, each once. Immutable: the router's cache hands it to many threads.</summary>
internal sealed class RouteMatch
{
    public static readonly RouteMatch Nobody = new([], [], []);

    private RouteMatch(GatewayRoute[] gateways, SessionRoute[] sessions, ShareDestination[] shares)
    {
        Gateways = gateways;
        Sessions = sessions;
        Shares = shares;
    }

    public GatewayRoute[] Gateways { get; }

    public SessionRoute[] Sessions { get; }

    /// <summary>Shared subscriptions: one member of each is to get the message.</summary>
    public ShareDestination[] Shares { get; }

    /// <summary>Destinations in it.</summary>
    public int Size => Gateways.Length + Sessions.Length + Shares.Length;

    public bool IsEmpty => Size == 0;

    /// <summary>Whether nobody else is to have a message of QoS 0.</summary>
    public bool LeadsOnlyTo(string gatewayId, string publisher)
    {
        if (Shares.Length > 0)
            return false;

        foreach (var gateway in Gateways)
        {
            if (gateway.Wants(QoS.AtMostOnce) && gateway.Gateway.Id != gatewayId)
                return false;
        }

        foreach (var session in Sessions)
        {
            if (session.CopyOf(QoS.AtMostOnce, publisher) is not null)
                return false;
        }

        return true;
    }

    public static RouteMatch Of(GatewayRoute only) => new([only], [], []);

    /// <summary>Gathers the routes of all filters that match a topic; a destination of several is merged.</summary>
    internal struct Collector : IMatchVisitor<Route>
    {
        private GatewayRoute? _only; // most topics lead to one gateway and nowhere else: then there is no list
        private List<GatewayRoute>? _gateways;
        private Dictionary<SessionDestination, SessionRoute>? _sessions;
        private List<ShareDestination>? _shares;

        public bool Visit(Route first)
        {
            for (var route = first; route is not null; route = route.Next)
            {
                if (route.Destination is GatewayDestination gateway)
                    Add(gateway, route.Options);
                else if (route.Destination is ShareDestination share)
                    (_shares ??= []).Add(share); // of one filter, so it comes once
                else
                    Add((SessionDestination)route.Destination, route.Options);
            }

            return true;
        }

        public readonly RouteMatch ToMatch()
        {
            if (_gateways is null && _sessions is null && _shares is null)
                return _only is { } only ? only.Gateway.Alone(only.Options) : Nobody;

            GatewayRoute[] gateways = _gateways is not null ? [.. _gateways] : _only is { } one ? [one] : [];
            return new RouteMatch(gateways, _sessions?.Values.ToArray() ?? [], _shares?.ToArray() ?? []);
        }

        private void Add(GatewayDestination gateway, RouteOptions options)
        {
            if (_gateways is null && (_only is null || _only.Value.Gateway == gateway))
            {
                _only = new GatewayRoute(gateway, options | (_only?.Options ?? RouteOptions.None));
                return;
            }

            AddAnother(gateway, options);
        }

        // On its own: what its lambda captures would be allocated for every topic.
        private void AddAnother(GatewayDestination gateway, RouteOptions options)
        {
            _gateways ??= [_only!.Value];
            var at = _gateways.FindIndex(known => known.Gateway == gateway);
            if (at < 0)
                _gateways.Add(new GatewayRoute(gateway, options));
            else
                _gateways[at] = new GatewayRoute(gateway, _gateways[at].Options | options);
        }

        private void Add(SessionDestination session, RouteOptions options)
        {
            _sessions ??= [];
            var route = new SessionRoute(session, options);
            _sessions[session] = _sessions.TryGetValue(session, out var known) ? known.Merge(route) : route;
        }
    }
}

/// <summary>What a gateway wants of a topic.</summary>
internal readonly record struct GatewayRoute(GatewayDestination Gateway, RouteOptions Options)
{
    /// <summary>Different numbers for different options.</summary>
    public const int Kinds = 4;

    public int Kind => (int)(Options & Live) / (int)RouteOptions.LiveQoS0;

    private const RouteOptions Live = RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged;

    /// <summary>Whether the kind says all about the options.</summary>
    public static bool IsOrdinary(RouteOptions options) => (options & ~Live) == 0;

    public bool Wants(QoS qos) =>
        (Options & (qos is QoS.AtMostOnce ? RouteOptions.LiveQoS0 : RouteOptions.LiveAcknowledged)) != 0;
}

/// <summary>What a session wants of a topic. One copy at the highest QoS granted, however many filters match.</summary>
internal readonly record struct SessionRoute
{
    private readonly QoS? _qos;
    private readonly QoS? _qosOfOwn;

    public SessionRoute(SessionDestination session, RouteOptions options)
    {
        Session = session;
        _qos = (QoS)(options & RouteOptions.QoSMask);
        _qosOfOwn = (options & RouteOptions.NoLocal) == 0 ? _qos : null;
        QueuesQoS0 = (options & RouteOptions.QueueQoS0) != 0;
    }

    public SessionDestination Session { get; private init; }

    public bool QueuesQoS0 { get; private init; }

    public SessionRoute Merge(SessionRoute other) => new(this, other);

    private SessionRoute(SessionRoute one, SessionRoute other)
    {
        Session = one.Session;
        _qos = Higher(one._qos, other._qos);
        _qosOfOwn = Higher(one._qosOfOwn, other._qosOfOwn);
        QueuesQoS0 = one.QueuesQoS0 || other.QueuesQoS0;
    }

    /// <summary>The QoS of the copy for the queue; null when the queue is not to have it.</summary>
    public QoS? CopyOf(QoS published, string publisher)
    {
        // MQTT 5 No Local: a client does not hear itself through such a subscription. [MQTT5-3.8.3-3]
        var granted = publisher == Session.ClientId ? _qosOfOwn : _qos;
        if (granted is null)
            return null;

        var qos = published < granted ? published : granted.Value;
        return qos is QoS.AtMostOnce && !QueuesQoS0 ? null : qos;
    }

    private static QoS? Higher(QoS? one, QoS? other) => one is null || other > one ? other : one;
}
