using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Protocol.Codec;

/// <summary>Which flags each packet type may carry, table 2.2 [MQTT-2.2.2-1] [MQTT-2.2.2-2].</summary>
internal static class FixedHeader
{
    // Bit n of an entry allows the flags n. A lookup instead of a ladder: this runs once for every packet.
    private static ReadOnlySpan<ushort> Allowed =>
    [
        0, // type 0 is forbidden
        Only0, // CONNECT
        Only0, // CONNACK
        0b0011_1100_0011_1111, // PUBLISH: no QoS 3 [MQTT-3.3.1-4], no DUP with QoS 0 [MQTT-3.3.1-2]
        Only0, // PUBACK
        Only0, // PUBREC
        Only2, // PUBREL
        Only0, // PUBCOMP
        Only2, // SUBSCRIBE
        Only0, // SUBACK
        Only2, // UNSUBSCRIBE
        Only0, // UNSUBACK
        Only0, // PINGREQ
        Only0, // PINGRESP
        Only0, // DISCONNECT
        Only0, // AUTH
    ];

    private const ushort Only0 = 1 << 0b0000;
    private const ushort Only2 = 1 << 0b0010;
    private const ushort AnyButQoS3 = 0b0011_1111_0011_1111;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLegal(byte header, ProtocolVersion version) =>
        ((Allowed[header >> 4] >> (header & 0x0F)) & 1) != 0
        || (version is ProtocolVersion.V31 && IsLegalInV31(header));

    /// <summary>The flags that a sender of MQTT 3.1.1 and 5 must set.</summary>
    public static byte FlagsOf(PacketType type) =>
        type is PacketType.PubRel or PacketType.Subscribe or PacketType.Unsubscribe ? (byte)0b0010 : (byte)0;

    [DoesNotReturn]
    public static void ThrowIllegal(byte header) =>
        ProtocolException.ThrowMalformed($"Illegal fixed header 0x{header:X2}.");

    /// <summary>MQTT 3.1 lets PUBREL, SUBSCRIBE and UNSUBSCRIBE carry DUP and asks to ignore unused flags.</summary>
    private static bool IsLegalInV31(byte header) => (PacketType)(header >> 4) switch
    {
        PacketType.None or PacketType.Auth => false,
        PacketType.Publish => ((AnyButQoS3 >> (header & 0x0F)) & 1) != 0,
        _ => true,
    };
}
