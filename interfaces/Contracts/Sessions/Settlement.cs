namespace Orleans.Mqtt.Sessions;

/// <summary>What a client said of a delivery.</summary>
public enum SettlementKind : byte
{
    /// <summary>PUBACK: QoS 1 is done.</summary>
    Acknowledged,

    /// <summary>PUBREC: the client owns the message; PUBREL may leave when this is stored.</summary>
    Received,

    /// <summary>PUBCOMP: QoS 2 is done.</summary>
    Completed,

    /// <summary>The client refused the message, or will never be sent it: done, whatever its QoS (MQTT 5).</summary>
    Refused,
}

/// <summary>One acknowledgement on its way to the session: a position and what was said of it, in one number.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.settlement")]
public readonly record struct Settlement([property: Id(0)] long Packed)
{
    private const int KindBits = 2;

    public Settlement(long position, SettlementKind kind)
        : this((position << KindBits) | (byte)kind)
    {
    }

    public long Position => Packed >> KindBits;

    public SettlementKind Kind => (SettlementKind)(Packed & ((1 << KindBits) - 1));
}
