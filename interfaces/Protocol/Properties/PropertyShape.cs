namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>How a property's value looks on the wire, and which values are none.</summary>
internal enum PropertyShape : byte
{
    /// <summary>A byte, 0 or 1.</summary>
    Boolean,
    UInt16,
    PositiveUInt16,
    UInt32,
    PositiveUInt32,
    PositiveVarInt,
    Text,

    /// <summary>A string without wildcards [MQTT-3.3.2-14].</summary>
    Topic,
    TextPair,
    Binary,
}
