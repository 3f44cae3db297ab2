using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Sharing;

/// <summary>One client in a shared subscription.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.membership")]
public sealed record Membership
{
    [Id(0)]
    public required string ClientId { get; init; }

    /// <summary>As granted.</summary>
    [Id(1)]
    public QoS QoS { get; init; }

    /// <summary>The first of the packet identifiers that the share may use towards the client.</summary>
    [Id(2)]
    public ushort FirstPacketId { get; init; }

    /// <summary>The connection that this speaks of; what speaks of an earlier one is ignored.</summary>
    [Id(3)]
    public long Epoch { get; init; }

    /// <summary>Where the client is connected; null while it is away.</summary>
    [Id(4)]
    public string? GatewayId { get; init; }

    /// <summary>Messages of QoS 1 and 2 of this share that may be unacknowledged towards the client.</summary>
    [Id(5)]
    public int Window { get; init; }

    /// <summary>It has unsubscribed, and is here only until what was sent to it is finished.</summary>
    [Id(6)]
    public bool IsLeaving { get; init; }
}
