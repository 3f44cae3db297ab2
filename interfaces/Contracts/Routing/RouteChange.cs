namespace Orleans.Mqtt.Routing;

/// <summary>What a destination wants of the messages that match a filter.</summary>
[Flags]
public enum RouteOptions : byte
{
    /// <summary>Nothing: the route is removed.</summary>
    None = 0,

    /// <summary>For a session: the granted QoS, 1 or 2.</summary>
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
[GenerateSerializer, Immutable, Alias("mqtt.route-change")]
public readonly record struct RouteChange(
    [property: Id(0)] string Filter, [property: Id(1)] string Destination, [property: Id(2)] RouteOptions Options)
{
    private const string GatewayPrefix = "g:", SessionPrefix = "s:";

    public bool IsGateway => Destination.StartsWith(GatewayPrefix, StringComparison.Ordinal);

    /// <summary>Gateway id or client id.</summary>
    public string DestinationId => Destination[GatewayPrefix.Length..];

    public static string ToGateway(string gatewayId) => GatewayPrefix + gatewayId;

    public static string ToSession(string clientId) => SessionPrefix + clientId;
}
