using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using ConnectionInfo = Orleans.Mqtt.Delivery.ConnectionInfo;

namespace Orleans.Mqtt.Silo.Management.Views;

/// <summary>A part of a list. "next" is absent at its end; "unreachable" names gateways that did not answer.</summary>
internal sealed record ListView<T>(IReadOnlyList<T> Items, string? Next, IReadOnlyList<string>? Unreachable = null)
{
    public static ListView<T> Of(IEnumerable<T> items, string? next, string[] unreachable) =>
        new([.. items], next, unreachable.Length > 0 ? unreachable : null);
}

/// <summary>One client in a list.</summary>
internal sealed record ClientView(string ClientId, bool Connected, bool Persistent, ConnectionView? Connection)
{
    public static ClientView Of(ClientSummary client) => new(
        client.ClientId, client.Connection is not null, client.IsPersistent, ConnectionView.Of(client.Connection));
}

/// <summary>All that is known of a client's session.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="Connected">It has a connection.</param>
/// <param name="Persistent">The session outlives its connection.</param>
/// <param name="Queued">Messages in the queue, those in flight included.</param>
/// <param name="Subscriptions">How many it has.</param>
/// <param name="ExpirySeconds">How long the session outlives its connection; absent: for ever.</param>
/// <param name="EndsAt">When it ends if the client does not come back.</param>
/// <param name="GatewayId">Where it is connected.</param>
/// <param name="Connection">Absent when there is none, or its gateway did not answer.</param>
internal sealed record SessionView(
    string ClientId, bool Connected, bool Persistent, long Queued, int Subscriptions, uint? ExpirySeconds,
    DateTimeOffset? EndsAt, string? GatewayId, ConnectionView? Connection)
{
    public static SessionView Of(SessionInfo session) => new(
        session.ClientId, session.IsConnected, session.IsPersistent, session.Queued,
        session.IsPersistent ? session.Subscriptions : session.Connection?.Subscriptions ?? 0,
        session.Expiry == uint.MaxValue ? null : session.Expiry, session.EndsAt, session.GatewayId,
        ConnectionView.Of(session.Connection));
}

/// <summary>A connection as its gateway sees it.</summary>
/// <param name="GatewayId">The gateway.</param>
/// <param name="Version">3.1, 3.1.1 or 5.0.</param>
/// <param name="Since">When the client connected.</param>
/// <param name="UserName">The user, if it gave one.</param>
/// <param name="RemoteAddress">Where it comes from.</param>
/// <param name="KeepAliveSeconds">0: none.</param>
/// <param name="UnsentBytes">Bytes that wait because the client reads slowly.</param>
/// <param name="InFlight">Messages that it has not acknowledged.</param>
/// <param name="Waiting">Messages that wait behind those at the gateway.</param>
internal sealed record ConnectionView(
    string GatewayId, string Version, DateTimeOffset Since, string? UserName, string? RemoteAddress, int KeepAliveSeconds,
    long UnsentBytes, int InFlight, int Waiting)
{
    public static ConnectionView? Of(ConnectionInfo? connection) => connection is null ? null : new(
        connection.GatewayId, NameOf(connection.Version), connection.Since, connection.UserName, connection.RemoteAddress,
        connection.KeepAlive, connection.UnsentBytes, connection.InFlight, connection.Waiting);

    private static string NameOf(ProtocolVersion version) => version switch
    {
        ProtocolVersion.V31 => "3.1",
        ProtocolVersion.V311 => "3.1.1",
        _ => "5.0",
    };
}
