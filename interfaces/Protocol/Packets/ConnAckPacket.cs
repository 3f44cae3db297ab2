using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>CONNACK, chapter 3.2; older clients are told a return code instead of the reason.</summary>
public sealed class ConnAckPacket : IPacket<ConnAckPacket>
{
    /// <summary>False whenever the reason is not success [MQTT-3.2.2-6].</summary>
    public bool SessionPresent { get; init; }

    public ReasonCode Reason { get; init; }

    public ConnAckProperties Properties { get; init; } = ConnAckProperties.None;

    public byte Header => (int)PacketType.ConnAck << 4;

    public static ConnAckPacket Read(in Frame frame, ProtocolVersion version)
    {
        var bytes = new MqttReader(frame);
        var flags = bytes.ReadByte();
        if (flags > 1 && version is not ProtocolVersion.V31)
            ProtocolException.ThrowMalformed("Reserved flags of CONNACK are set. [MQTT-3.2.2-1]");

        var code = bytes.ReadByte();
        var isV5 = version is ProtocolVersion.V5;
        var reason = isV5 ? (ReasonCode)code : ReasonCodes.FromReturnCode(code);
        if (isV5 && !PacketType.ConnAck.Allows(reason))
            ProtocolException.ThrowMalformed($"CONNACK does not know reason 0x{code:X2}.");

        var properties = isV5 ? ConnAckProperties.Read(bytes.ReadPropertyBlock()) : ConnAckProperties.None;
        bytes.ExpectEnd();

        // MQTT 3.1 has no such flag; its bit is unused.
        var sessionPresent = flags == 1 && version is not ProtocolVersion.V31;
        return new ConnAckPacket { SessionPresent = sessionPresent, Reason = reason, Properties = properties };
    }

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        var mayTellPresence = version is not ProtocolVersion.V31 && Reason is ReasonCode.Success;
        writer.WriteByte(SessionPresent && mayTellPresence ? (byte)1 : (byte)0);
        if (version is not ProtocolVersion.V5)
        {
            writer.WriteByte(Reason.ToReturnCode());
            return;
        }

        writer.WriteByte((byte)Reason);
        PropertyWriter.WriteBlock(ref writer, Properties);
    }
}
