namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>The flags of CONNECT as they stand on the wire, chapter 3.1.2.3.</summary>
[Flags]
internal enum ConnectFlags : byte
{
    None = 0,
    Reserved = 1 << 0,
    CleanStart = 1 << 1,
    Will = 1 << 2,
    WillQoS = 3 << 3,
    WillRetain = 1 << 5,
    Password = 1 << 6,
    UserName = 1 << 7,
}

/// <summary>Which combinations of CONNECT's flags are legal.</summary>
internal static class ConnectFlagRules
{
    private const int WillQoSShift = 3;

    public static QoS WillQoS(this ConnectFlags flags) => (QoS)((byte)(flags & ConnectFlags.WillQoS) >> WillQoSShift);

    public static ConnectFlags ToWillFlags(this QoS qos) => (ConnectFlags)((byte)qos << WillQoSShift);

    public static void Judge(this ConnectFlags flags, ProtocolVersion version)
    {
        if (version is not ProtocolVersion.V31 && flags.HasFlag(ConnectFlags.Reserved))
            ProtocolException.ThrowMalformed("The reserved flag of CONNECT is set. [MQTT-3.1.2-3]");

        if (flags.WillQoS() > QoS.ExactlyOnce)
            ProtocolException.ThrowMalformed("The will has QoS 3. [MQTT-3.1.2-12]");

        if (!flags.HasFlag(ConnectFlags.Will) && (flags & (ConnectFlags.WillQoS | ConnectFlags.WillRetain)) != 0)
            ProtocolException.ThrowMalformed("Will flags without a will. [MQTT-3.1.2-11] [MQTT-3.1.2-13]");

        // MQTT 5 allows a password alone, chapter 3.1.2.9.
        if (version is not ProtocolVersion.V5 && (flags & (ConnectFlags.UserName | ConnectFlags.Password)) == ConnectFlags.Password)
            ProtocolException.ThrowMalformed("A password without a user name. [MQTT3-3.1.2-22]");
    }
}
