namespace Orleans.Mqtt.Protocol;

/// <summary>Which reason codes which packet may carry, chapters 3.2.2.2 to 3.15.2.1, and what older clients are told.</summary>
public static class ReasonCodes
{
    /// <summary>The first value that means failure.</summary>
    private const byte FirstError = 0x80;

    /// <summary>True for 0x80 and above.</summary>
    public static bool IsError(this ReasonCode reason) => (byte)reason >= FirstError;

    /// <summary>The CONNACK return code, 0 to 5, that a client of MQTT 3 is given for a reason, table 3.1 of MQTT 3.1.1.</summary>
    public static byte ToReturnCode(this ReasonCode reason) => reason switch
    {
        ReasonCode.Success => 0,
        ReasonCode.UnsupportedProtocolVersion => 1,
        ReasonCode.ClientIdentifierNotValid => 2,
        ReasonCode.BadUserNameOrPassword or ReasonCode.BadAuthenticationMethod => 4,
        ReasonCode.NotAuthorized or ReasonCode.Banned => 5,
        _ => 3,
    };

    /// <summary>What a CONNACK return code of MQTT 3 means.</summary>
    public static ReasonCode FromReturnCode(byte returnCode) => returnCode switch
    {
        0 => ReasonCode.Success,
        1 => ReasonCode.UnsupportedProtocolVersion,
        2 => ReasonCode.ClientIdentifierNotValid,
        3 => ReasonCode.ServerUnavailable,
        4 => ReasonCode.BadUserNameOrPassword,
        5 => ReasonCode.NotAuthorized,
        _ => throw new ProtocolException(ReasonCode.MalformedPacket, "A return code beyond 5."),
    };

    /// <summary>Whether the specification lists the reason for this type of packet.</summary>
    public static bool Allows(this PacketType type, ReasonCode reason)
    {
        var code = (byte)reason;
        return type switch
        {
            PacketType.PubAck or PacketType.PubRec =>
                code is 0x00 or 0x10 or 0x80 or 0x83 or 0x87 or 0x90 or 0x91 or 0x97 or 0x99,
            PacketType.PubRel or PacketType.PubComp => code is 0x00 or 0x92,
            PacketType.SubAck =>
                code is <= 0x02 or 0x80 or 0x83 or 0x87 or 0x8F or 0x91 or 0x97 or 0x9E or 0xA1 or 0xA2,
            PacketType.UnsubAck => code is 0x00 or 0x11 or 0x80 or 0x83 or 0x87 or 0x8F or 0x91,
            PacketType.ConnAck => code is 0x00 or (>= 0x80 and <= 0x8A) or 0x8C or 0x90 or 0x95 or 0x97
                or (>= 0x99 and <= 0x9D) or 0x9F,
            PacketType.Disconnect => code is 0x00 or 0x04 or (>= 0x80 and <= 0x83) or 0x87 or 0x89 or 0x8B
                or (>= 0x8D and <= 0x90) or (>= 0x93 and <= 0xA2),
            PacketType.Auth => code is 0x00 or 0x18 or 0x19,
            _ => false,
        };
    }
}
