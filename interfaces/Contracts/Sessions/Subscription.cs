using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Sessions;

/// <summary>One subscription of a session, as granted.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.subscription")]
public sealed record Subscription
{
    [Id(0)]
    public required string Filter { get; init; }

    /// <summary>What topics are matched with: the filter without its <c>$exclusive/</c>.</summary>
    public string MatchedFilter => ExclusiveFilter.Matched(Filter);

    [Id(1)]
    public QoS QoS { get; init; }

    /// <summary>Do not send the client its own messages (MQTT 5).</summary>
    [Id(2)]
    public bool NoLocal { get; init; }

    /// <summary>Keep the publisher's RETAIN flag (MQTT 5).</summary>
    [Id(3)]
    public bool RetainAsPublished { get; init; }

    /// <summary>When retained messages are sent: 0 always, 1 for a new subscription only, 2 never (MQTT 5).</summary>
    [Id(4)]
    public byte RetainHandling { get; init; }

    /// <summary>Subscription Identifier, 0 for none (MQTT 5).</summary>
    [Id(5)]
    public uint Identifier { get; init; }
}
