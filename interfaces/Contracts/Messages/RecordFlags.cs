namespace Orleans.Mqtt.Messages;

/// <summary>The flag byte of a record. The two lowest bits are the QoS: as published, in a delivery as granted.</summary>
[Flags]
public enum RecordFlags : byte
{
    None = 0,

    /// <summary>Mask of the QoS bits.</summary>
    QoSMask = 0b0000_0011,

    /// <summary>The publisher set RETAIN.</summary>
    Retain = 0b0000_0100,

    /// <summary>In a delivery: sent because of a new subscription, so RETAIN is 1. [MQTT-3.3.1-8]</summary>
    Retained = 0b0000_1000,

    /// <summary>In a delivery: the packet may have been sent before. [MQTT-3.3.1-1]</summary>
    Dup = 0b0001_0000,

    /// <summary>In a delivery: not a message but the PUBREL of the packet at this position.</summary>
    Release = 0b0010_0000,

    /// <summary>Published with QoS 2, whatever the QoS bits say now: the sequence counts among such messages.</summary>
    ExactlyOnce = 0b0100_0000,

    /// <summary>
    /// In a live delivery: for one member of a shared subscription and nobody else; position and sequence say which
    /// (<see cref="MessageRecord.PatchPlace"/>).
    /// </summary>
    Shared = 0b1000_0000,
}
