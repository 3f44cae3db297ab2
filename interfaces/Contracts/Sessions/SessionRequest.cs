using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Sessions;

/// <summary>Who wants in, and how.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.session-request")]
public sealed record SessionRequest
{
    [Id(0)]
    public required string GatewayId { get; init; }

    [Id(1)]
    public ProtocolVersion Version { get; init; }

    /// <summary>Forget what was (3.1.1: Clean Session; 5: Clean Start).</summary>
    [Id(2)]
    public bool CleanStart { get; init; }

    /// <summary>How long the session outlives its connection, in seconds: 0 not at all, <see cref="uint.MaxValue"/> for ever.</summary>
    [Id(3)]
    public uint SessionExpiry { get; init; }

    /// <summary>How many QoS 1 and 2 messages may be unacknowledged towards the client.</summary>
    [Id(4)]
    public ushort ReceiveMaximum { get; init; }

    [Id(5)]
    public Will? Will { get; init; }

    [Id(6)]
    public string? UserName { get; init; }

    /// <summary>Address of the client, for people.</summary>
    [Id(7)]
    public string? RemoteAddress { get; init; }

    /// <summary>
    /// Names the attempt to connect: a call that is repeated, because its answer was lost, gets the same ticket again.
    /// </summary>
    [Id(8)]
    public Guid Attempt { get; init; }

    /// <summary>
    /// What the connection's epoch is to be: the gateway's clock, in microseconds since 1970, or more. One that is not higher
    /// than every epoch that the client ever had is refused, so that a call that comes late takes over from nobody. 0: the
    /// session chooses.
    /// </summary>
    [Id(9)]
    public long Epoch { get; init; }
}
