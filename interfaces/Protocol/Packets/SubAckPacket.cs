using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>SUBACK, chapter 3.9: one verdict for each filter, in order [MQTT-3.9.3-1].</summary>
public sealed class SubAckPacket : IPacket<SubAckPacket>
{
    public required ushort PacketId { get; init; }

    public required IReadOnlyList<ReasonCode> Reasons { get; init; }

    public string? ReasonString { get; init; }

    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    public byte Header => (int)PacketType.SubAck << 4;

    public static SubAckPacket Read(in Frame frame, ProtocolVersion version)
    {
        var bytes = new MqttReader(frame);
        var packetId = bytes.ReadPacketId();
        var isV5 = version is ProtocolVersion.V5;
        var properties = isV5
            ? AnswerProperties.Read(bytes.ReadPropertyBlock(), PropertyScope.SubAck)
            : AnswerProperties.None;

        var reasons = new ReasonCode[bytes.Remaining];
        foreach (ref var reason in reasons.AsSpan())
        {
            reason = (ReasonCode)bytes.ReadByte();
            var isLegal = isV5
                ? PacketType.SubAck.Allows(reason)
                : reason is <= ReasonCode.GrantedQoS2 or ReasonCode.UnspecifiedError; // [MQTT3-3.9.3-2]
            if (!isLegal)
                ProtocolException.ThrowMalformed($"SUBACK does not know reason 0x{(byte)reason:X2}.");
        }

        return new SubAckPacket
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
        if (version is ProtocolVersion.V5)
            PropertyWriter.WriteBlock(ref writer, new AnswerProperties(ReasonString, UserProperties));

        for (var at = 0; at < Reasons.Count; at++)
        {
            // MQTT 3.1.1 knows one failure.
            var reason = Reasons[at];
            var isPlain = version is ProtocolVersion.V5 || !reason.IsError();
            writer.WriteByte((byte)(isPlain ? reason : ReasonCode.UnspecifiedError));
        }
    }
}
