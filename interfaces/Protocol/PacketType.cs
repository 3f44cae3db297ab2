namespace Orleans.Mqtt.Protocol;

/// <summary>What a control packet is: the upper half of its first byte, chapter 2.1.2.</summary>
public enum PacketType : byte
{
    /// <summary>Forbidden on the wire; the value of a frame that was never read.</summary>
    None = 0,
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,

    /// <summary>MQTT 5 only.</summary>
    Auth = 15,
}
