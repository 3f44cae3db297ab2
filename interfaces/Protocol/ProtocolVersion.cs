namespace Orleans.Mqtt.Protocol;

/// <summary>The dialect of a connection, by the level number that CONNECT carries.</summary>
public enum ProtocolVersion : byte
{
    /// <summary>Not agreed yet.</summary>
    None = 0,

    /// <summary>MQTT 3.1, protocol name "MQIsdp".</summary>
    V31 = 3,

    /// <summary>MQTT 3.1.1.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0.</summary>
    V5 = 5,
}
