namespace Orleans.Mqtt.Sessions;

/// <summary>A client's session as an application sees it (key: client id).</summary>
[Alias("mqtt.session")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>What is known of the session; null when there is none.</summary>
    [Alias("info")]
    Task<SessionInfo?> Info();

    /// <summary>Closes the client's connection if it has one; its will is published. True when there was one.</summary>
    [Alias("disconnect")]
    Task<bool> Disconnect();
}

/// <summary>A session at one moment.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.session-info")]
public sealed record SessionInfo
{
    [Id(0)]
    public required string ClientId { get; init; }

    [Id(1)]
    public bool IsConnected { get; init; }

    [Id(2)]
    public bool IsPersistent { get; init; }

    /// <summary>The gateway that holds the connection.</summary>
    [Id(3)]
    public string? GatewayId { get; init; }

    /// <summary>Messages in the queue, those in flight included.</summary>
    [Id(4)]
    public long Queued { get; init; }

    /// <summary>Subscriptions of a persistent session.</summary>
    [Id(5)]
    public Subscription[] Subscriptions { get; init; } = [];
}
