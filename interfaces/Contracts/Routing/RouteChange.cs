namespace Orleans.Mqtt.Routing;

/// <summary>What a destination wants of the messages that match a filter.</summary>
[Flags]
public enum RouteOptions : byte
{
    /// <summary>Nothing: the route is removed.</summary>
    None = 0,

    /// <summary>For a session or a share's queue: the granted QoS, 1 or 2.</summary>
    QoSMask = 0b0000_0011,

    /// <summary>For a gateway: messages of QoS 0.</summary>
    LiveQoS0 = 0b0000_0100,

    /// <summary>For a gateway: messages of QoS 1 and 2 (it has a subscriber that no session grain serves).</summary>
    LiveAcknowledged = 0b0000_1000,

    /// <summary>For a session: QoS 0 copies go through the queue, too.</summary>
    QueueQoS0 = 0b0001_0000,

    /// <summary>For a session: no messages of its own client (MQTT 5 No Local).</summary>
    NoLocal = 0b0010_0000,
}

/// <summary>Sets or, with <see cref="RouteOptions.None"/>, removes the route of one destination for one filter.</summary>
/// <param name="Filter">What topics are matched with.</param>
/// <param name="Destination">Made by one of the methods here.</param>
/// <param name="Options">What it wants.</param>
/// <param name="Members">For a share's members at a gateway: how many they are.</param>
/// <param name="Handle">And what the gateway calls the share.</param>
/// <param name="Number">
/// Rises with what its gateway says, or with the owner of its session: one that comes after a higher number undoes nothing.
/// 0: it has none.
/// </param>
[GenerateSerializer, Immutable, Alias("mqtt.route-change")]
public readonly record struct RouteChange(
    [property: Id(0)] string Filter, [property: Id(1)] string Destination, [property: Id(2)] RouteOptions Options,
    [property: Id(3)] int Members = 0, [property: Id(4)] ulong Handle = 0, [property: Id(5)] long Number = 0)
{
    private const string GatewayPrefix = "g:", SessionPrefix = "s:", ShareMembersPrefix = "m:", ShareQueuePrefix = "q:";

    public bool IsGateway => Destination.StartsWith(GatewayPrefix, StringComparison.Ordinal);

    /// <summary>A shared subscription's members at one gateway.</summary>
    public bool IsShareMembers => Destination.StartsWith(ShareMembersPrefix, StringComparison.Ordinal);

    /// <summary>A shared subscription's queue.</summary>
    public bool IsShareQueue => Destination.StartsWith(ShareQueuePrefix, StringComparison.Ordinal);

    public bool IsShare => IsShareMembers || IsShareQueue;

    /// <summary>Gateway id or client id; for a share's queue its name, for its members the gateway's id, '/' and the name.</summary>
    public string DestinationId => Destination[GatewayPrefix.Length..];

    /// <summary>Of a gateway, or of a share's members there.</summary>
    public string? GatewayId => IsGateway ? DestinationId
        : IsShareMembers ? DestinationId[..DestinationId.IndexOf('/', StringComparison.Ordinal)]
        : null;

    /// <summary>Of a share: as its clients spell it, "$share/NAME/FILTER".</summary>
    public string SharedFilter => $"$share/{DestinationId[(DestinationId.IndexOf('/', StringComparison.Ordinal) + 1)..]}/{Filter}";

    public bool LeadsTo(string gatewayId) => GatewayId == gatewayId;

    public static string ToGateway(string gatewayId) => GatewayPrefix + gatewayId;

    public static string ToSession(string clientId) => SessionPrefix + clientId;

    /// <summary>Neither a gateway's id nor a share's name has a '/' in it. [MQTT-4.8.2-2]</summary>
    public static string ToShareMembers(string gatewayId, string name) => $"{ShareMembersPrefix}{gatewayId}/{name}";

    public static string ToShareQueue(string name) => ShareQueuePrefix + name;
}
