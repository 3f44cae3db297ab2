using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// A shared subscription as a router sees it: a queue for QoS 1 and 2, and for QoS 0 the gateways where its members are. One
/// object for its filter, whatever changes, so that turns go on; read without a lock.
/// </summary>
internal sealed class ShareDestination(string filter, ShareStrategy strategy)
{
    private volatile Audience _audience = Audience.Empty;
    private volatile SessionDestination? _queue;
    private volatile GatewayDestination? _favourite;
    private RouteOptions _queueOptions;
    private int _turn = -1;

    /// <summary>As its clients spell it.</summary>
    public string Filter => filter;

    /// <summary>Null when no member has QoS 1 or 2: then everything goes to members as it passes.</summary>
    public SessionDestination? Queue => _queue;

    public RouteOptions Options => _queueOptions | (_audience.Total > 0 ? RouteOptions.LiveQoS0 : RouteOptions.None);

    /// <summary>What it is made of.</summary>
    public RouteChange[] Routes
    {
        get
        {
            var (name, inner) = ShareNames.Split(filter);
            var members = _audience.Rows.Select(row => new RouteChange(
                inner, RouteChange.ToShareMembers(row.Gateway.Id, name), RouteOptions.LiveQoS0, row.Members, row.Handle));
            return _queue is null ? [.. members] : [new(inner, RouteChange.ToShareQueue(name), _queueOptions), .. members];
        }
    }

    /// <summary>Sets the queue; gives how many more routes lead to it than before.</summary>
    public int SetQueue(SessionDestination queue, RouteOptions options)
    {
        var before = _queue is null ? 0 : 1;
        _queue = options is RouteOptions.None ? null : queue;
        _queueOptions = options;
        return (_queue is null ? 0 : 1) - before;
    }

    /// <summary>Sets a gateway's members; gives how many more routes lead to the gateway than before.</summary>
    public int SetMembers(GatewayDestination gateway, int members, ulong handle)
    {
        var others = Array.FindAll(_audience.Rows, row => row.Gateway != gateway);
        var before = _audience.Rows.Length - others.Length;
        _audience = new Audience(members > 0 ? [.. others, new Row(gateway, members, handle)] : others);
        return (members > 0 ? 1 : 0) - before;
    }

    /// <summary>Whose turn it is; false when no gateway with members can be reached.</summary>
    public bool TryPick(in MessageRecord record, out IGatewayPort? port, out SharePlace place)
    {
        var (rows, total) = (_audience.Rows, _audience.Total);
        port = null;
        place = default;
        if (total == 0)
            return false;

        if (strategy is ShareStrategy.Sticky)
            return TryPickFavourite(rows, out port, out place);

        var seat = strategy.Start(record, ref _turn, total);
        var at = 0;
        while (seat >= rows[at].Members)
            seat -= rows[at++].Members;
        return TryPickFrom(rows, at, seat, out port, out place);
    }

    private bool TryPickFavourite(Row[] rows, out IGatewayPort? port, out SharePlace place)
    {
        var favourite = _favourite;
        var at = 0;
        while (at < rows.Length && (rows[at].Gateway != favourite || rows[at].Gateway.Port is null))
            at++;
        if (at == rows.Length)
            at = Random.Shared.Next(rows.Length);

        var isFound = TryPickFrom(rows, at, seat: 0, out port, out place);
        _favourite = rows[at].Gateway;
        return isFound;
    }

    private static bool TryPickFrom(Row[] rows, int at, int seat, out IGatewayPort? port, out SharePlace place)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[(at + i) % rows.Length];
            port = row.Gateway.Port;
            place = new SharePlace(row.Handle, seat);
            if (port is not null)
                return true;
        }

        port = null;
        place = default;
        return false;
    }

    /// <summary>How many members a gateway has, and what it calls the share.</summary>
    private readonly record struct Row(GatewayDestination Gateway, int Members, ulong Handle);

    private sealed class Audience(Row[] rows)
    {
        public static readonly Audience Empty = new([]);

        public Row[] Rows => rows;

        public int Total { get; } = rows.Sum(row => row.Members);
    }
}
