using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Sessions;

/// <summary>A client's last words, ready to be published.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.will")]
public sealed record Will
{
    /// <summary>Exactly one record.</summary>
    [Id(0)]
    public required MessageBatch Message { get; init; }

    /// <summary>Seconds between the end of the connection and the will (MQTT 5).</summary>
    [Id(1)]
    public uint Delay { get; init; }

    /// <summary>Seconds that the message lives from its publication on; null for ever (MQTT 5).</summary>
    [Id(2)]
    public uint? MessageExpiry { get; init; }
}
