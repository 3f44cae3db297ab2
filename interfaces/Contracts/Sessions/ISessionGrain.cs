using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Sessions;

/// <summary>A client's session as an application sees it (key: client id).</summary>
[Alias("mqtt.session")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>What is known of the session; null when there is none.</summary>
    [Alias("info")]
    Task<SessionInfo?> Info();

    /// <summary>What it is subscribed to, filters behind <paramref name="after"/>, in order; null when there is no session.</summary>
    [Alias("subscriptions")]
    Task<Subscription[]?> Subscriptions(string after, int limit);

    /// <summary>
    /// Sends a message to this client only, whatever it is subscribed to. A persistent session has it stored when the call
    /// returns, except for QoS 0, which nobody keeps for a client that is away.
    /// </summary>
    [Alias("publish")]
    Task<ReasonCode> Publish(Message message);

    /// <summary>
    /// Subscribes for the client: in force when the call returns, retained messages that match are on their way. One reason
    /// code a subscription, the granted QoS or a refusal; null when there is no session.
    /// </summary>
    [Alias("subscribe")]
    Task<ReasonCode[]?> Subscribe(Subscription[] subscriptions);

    /// <summary>One answer a filter, whether it was subscribed; null when there is no session.</summary>
    [Alias("unsubscribe")]
    Task<bool[]?> Unsubscribe(string[] filters);

    /// <summary>Closes the client's connection if it has one; its will is published. True when there was one.</summary>
    [Alias("disconnect")]
    Task<bool> Disconnect();

    /// <summary>
    /// Makes a persistent session for a client that is not there yet: what it is subscribed to waits for it. False when
    /// there was a session.
    /// </summary>
    [Alias("create")]
    Task<bool> Create();

    /// <summary>Closes the connection and forgets all that is stored of the client. False when there was no session.</summary>
    [Alias("delete")]
    Task<bool> Delete();
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

    /// <summary>How many subscriptions a persistent session has; of others see <see cref="Connection"/>.</summary>
    [Id(9)]
    public int Subscriptions { get; init; }

    /// <summary>The connection as its gateway sees it; null when there is none, or the gateway did not answer.</summary>
    [Id(6)]
    public ConnectionInfo? Connection { get; init; }

    /// <summary>Seconds that the session outlives its connection: 0 not at all, <see cref="uint.MaxValue"/> for ever.</summary>
    [Id(7)]
    public uint Expiry { get; init; }

    /// <summary>When the session ends if the client does not come back; null while it is connected, or when it never ends.</summary>
    [Id(8)]
    public DateTimeOffset? EndsAt { get; init; }
}
