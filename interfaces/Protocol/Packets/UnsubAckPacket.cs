using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>UNSUBACK, chapter 3.11: in MQTT 5 one verdict for each filter, before that only the identifier.</summary>
public sealed class UnsubAckPacket : IPacket<UnsubAckPacket>
{
    public required ushort PacketId { get; init; }

    /// <summary>Empty when it was read from an older server, which tells none.</summary>
    public IReadOnlyList<ReasonCode> Reasons { get; init; } = [];

    public string? ReasonString { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public byte Header => (int)PacketType.UnsubAck << 4;

    public static UnsubAckPacket Read(in Frame frame, ProtocolVersion version)
    {
        var bytes = new MqttReader(frame);
        var packetId = bytes.ReadPacketId();
        if (version is not ProtocolVersion.V5)
        {
            bytes.ExpectEnd();
            return new UnsubAckPacket { PacketId = packetId };
        }

        var properties = AnswerProperties.Read(bytes.ReadPropertyBlock(), PropertyScope.UnsubAck);
        var reasons = new ReasonCode[bytes.Remaining];
        foreach (ref var reason in reasons.AsSpan())
        {
            reason = (ReasonCode)bytes.ReadByte();
            if (!PacketType.UnsubAck.Allows(reason))
                ProtocolException.ThrowMalformed($"UNSUBACK does not know reason 0x{(byte)reason:X2}.");
        }

        return new UnsubAckPacket
        {
            PacketId = packetId,
            Reasons = reasons,
            ReasonString = properties.ReasonString,
            UserProperties = properties.UserProperties,
        };
    }

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketId);
        if (version is not ProtocolVersion.V5)
            return;

        PropertyWriter.WriteBlock(ref writer, new AnswerProperties(ReasonString, UserProperties));
        for (var at = 0; at < Reasons.Count; at++)
            writer.WriteByte((byte)Reasons[at]);
    }
}
