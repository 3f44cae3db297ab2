using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Delivery;

/// <summary>Where a gateway answers questions about its connections, and acts on one of them for somebody else.</summary>
[Alias("mqtt.gateway-desk")]
public interface IGatewayDesk : IGrainObserver
{
    [Alias("report")]
    Task<GatewayReport> Report();

    /// <summary>
    /// Connections with client ids that begin with <paramref name="prefix"/> and are behind <paramref name="after"/>, in
    /// <see cref="CodePointOrder"/>; at most <paramref name="limit"/>.
    /// </summary>
    [Alias("connections")]
    Task<ConnectionInfo[]> Connections(string prefix, string after, int limit);

    /// <summary>Null when the connection of that epoch is not here.</summary>
    [Alias("find")]
    Task<ConnectionInfo?> Find(string clientId, long epoch);

    /// <summary>What a client here is subscribed to, filters behind <paramref name="after"/>, in order.</summary>
    [Alias("subscriptions-of")]
    Task<Subscription[]> SubscriptionsOf(string clientId, string after, int limit);

    /// <summary>Who here is subscribed to exactly this filter, client ids behind <paramref name="after"/>, in order.</summary>
    [Alias("subscribers-of")]
    Task<ClientSubscription[]> SubscribersOf(string filter, string after, int limit);

    /// <summary>
    /// Subscribes for the client, which hears of it only by what comes. Of a persistent session it is the live half;
    /// <paramref name="retained"/> are then the retained messages that are not in its queue. False when the connection is
    /// not here.
    /// </summary>
    [Alias("subscribe")]
    Task<bool> Subscribe(string clientId, long epoch, Subscription[] subscriptions, MessageBatch retained);

    /// <summary>One answer a filter, whether it was subscribed; null when the connection is not here.</summary>
    [Alias("unsubscribe")]
    Task<bool[]?> Unsubscribe(string clientId, long epoch, string[] filters);
}

/// <summary>A connection as its gateway sees it.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.connection-info")]
public sealed record ConnectionInfo
{
    [Id(0)]
    public required string ClientId { get; init; }

    [Id(1)]
    public required string GatewayId { get; init; }

    /// <summary>Which connection of the client; later ones have higher numbers.</summary>
    [Id(2)]
    public long Epoch { get; init; }

    [Id(3)]
    public Protocol.ProtocolVersion Version { get; init; }

    [Id(4)]
    public DateTimeOffset Since { get; init; }

    [Id(5)]
    public string? UserName { get; init; }

    [Id(6)]
    public string? RemoteAddress { get; init; }

    /// <summary>In seconds, 0 for none.</summary>
    [Id(7)]
    public int KeepAlive { get; init; }

    [Id(8)]
    public bool IsPersistent { get; init; }

    /// <summary>Subscriptions that are in force at the gateway.</summary>
    [Id(9)]
    public int Subscriptions { get; init; }

    /// <summary>Bytes that wait because the client reads slowly.</summary>
    [Id(10)]
    public long UnsentBytes { get; init; }

    /// <summary>Messages that the client has not acknowledged.</summary>
    [Id(11)]
    public int InFlight { get; init; }

    /// <summary>Messages that wait behind those at the gateway.</summary>
    [Id(12)]
    public int Waiting { get; init; }
}

/// <summary>What a gateway says of itself. Counts of messages begin at its start.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.gateway-report")]
public sealed record GatewayReport
{
    [Id(0)]
    public DateTimeOffset Since { get; init; }

    /// <summary>Where clients connect.</summary>
    [Id(1)]
    public required string Listen { get; init; }

    /// <summary>Clients that are connected.</summary>
    [Id(2)]
    public int Connections { get; init; }

    [Id(3)]
    public int Subscriptions { get; init; }

    /// <summary>PUBLISH packets from clients.</summary>
    [Id(4)]
    public long MessagesReceived { get; init; }

    /// <summary>QoS 0 messages that were dropped for slow clients.</summary>
    [Id(5)]
    public long MessagesDropped { get; init; }

    /// <summary>Connections that were closed because the client broke a rule.</summary>
    [Id(6)]
    public long ProtocolErrors { get; init; }

    /// <summary>Bytes that wait for slow clients.</summary>
    [Id(7)]
    public long UnsentBytes { get; init; }

    /// <summary>Memory of the process, in bytes.</summary>
    [Id(8)]
    public long MemoryBytes { get; init; }

    /// <summary>Those of the connected clients that have a persistent session.</summary>
    [Id(9)]
    public int PersistentConnections { get; init; }

    /// <summary>PUBLISH packets to clients.</summary>
    [Id(10)]
    public long MessagesSent { get; init; }

    /// <summary>Packets of all types from clients.</summary>
    [Id(11)]
    public long PacketsReceived { get; init; }

    [Id(12)]
    public long PacketsSent { get; init; }

    /// <summary>Bytes of these packets.</summary>
    [Id(13)]
    public long BytesReceived { get; init; }

    [Id(14)]
    public long BytesSent { get; init; }
}
