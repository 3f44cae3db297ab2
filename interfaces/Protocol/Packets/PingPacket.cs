using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>PINGREQ and PINGRESP, chapters 3.12 and 3.13.</summary>
public readonly record struct PingPacket(PacketType Type) : IPacket<PingPacket>
{
    /// <summary>PINGREQ on the wire.</summary>
    public static ReadOnlySpan<byte> Request => [(byte)PacketType.PingReq << 4, 0];

    /// <summary>PINGRESP on the wire.</summary>
    public static ReadOnlySpan<byte> Response => [(byte)PacketType.PingResp << 4, 0];

    public byte Header => (byte)((int)Type << 4);

    public static PingPacket Read(in Frame frame, ProtocolVersion version)
    {
        if (frame.Length != 0)
            ProtocolException.ThrowMalformed($"{frame.Type} has a body.");

        return new PingPacket(frame.Type);
    }

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        // There is none.
    }
}
