namespace Orleans.Mqtt.Sessions;

/// <summary>The right of one connection to act for a client, until a later epoch is given out.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.session-ticket")]
public sealed record SessionTicket
{
    /// <summary>Rises with every connection of the client; older epochs are refused. Microseconds since 1970.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    [Id(1)]
    public bool SessionPresent { get; init; }

    /// <summary>Identifies the session as a publisher inside the cluster.</summary>
    [Id(2)]
    public ulong Publisher { get; init; }

    /// <summary>True when QoS 1 and 2 messages come from the session's stored queue.</summary>
    [Id(3)]
    public bool IsPersistent { get; init; }

    /// <summary>True when its QoS 0 messages do, too: then it is to hear nothing live.</summary>
    [Id(4)]
    public bool QueuesQoS0 { get; init; }

    /// <summary>What the session is subscribed to already.</summary>
    [Id(5)]
    public Subscription[] Subscriptions { get; init; } = [];

    /// <summary>The gateway is to call <see cref="ISessionHostGrain.NoteSubscriptions"/>; only where the session is not stored.</summary>
    [Id(20)]
    public bool TellsSubscriptions { get; init; }
}
