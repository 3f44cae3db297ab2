using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Mirroring;

/// <summary>What a client, or its session, has done.</summary>
public enum ClientEventKind
{
    Connected,
    Disconnected,
    Subscribed,
    Unsubscribed,
}

/// <summary>Something that became of a client. It knows no password, so none can leave the broker with it.</summary>
public sealed record ClientEvent(ClientEventKind Kind, string ClientId, long Epoch)
{
    public string? UserName { get; init; }

    public string? RemoteAddress { get; init; }

    public string? GatewayId { get; init; }

    /// <summary>Of a connect.</summary>
    public ProtocolVersion Version { get; init; }

    /// <summary>Of a connect: forget what was.</summary>
    public bool CleanStart { get; init; }

    /// <summary>Of a connect: how long the session outlives it, in seconds; <see cref="uint.MaxValue"/> for ever.</summary>
    public uint SessionExpiry { get; init; }

    /// <summary>Of a connect: there was a session.</summary>
    public bool SessionPresent { get; init; }

    /// <summary>Of a disconnect: why.</summary>
    public string? Reason { get; init; }

    /// <summary>What was subscribed.</summary>
    public IReadOnlyList<Subscription> Subscriptions { get; init; } = [];

    /// <summary>What was unsubscribed.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];
}
