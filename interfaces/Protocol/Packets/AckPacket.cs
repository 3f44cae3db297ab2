using System.Buffers.Binary;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP, chapters 3.4 to 3.7: four names for one shape.</summary>
public readonly record struct AckPacket(PacketType Type, ushort PacketId, ReasonCode Reason = ReasonCode.Success)
    : IPacket<AckPacket>
{
    /// <summary>The size of an acknowledgement that has nothing more to say than its identifier.</summary>
    public const int ShortestLength = 4;

    /// <summary>The longest that <see cref="Write"/> makes.</summary>
    public const int LongestLength = 5;

    /// <summary>The validated property block of MQTT 5 without its length, else empty; its own copy.</summary>
    public ReadOnlyMemory<byte> Properties { get; init; }

    public byte Header => HeaderOf(Type);

    /// <summary>The optional text for a human, in a packet of MQTT 5.</summary>
    public string? ReasonString
    {
        get
        {
            var property = new PropertyReader(Properties.Span, PropertyScopes.Of(Type));
            while (property.MoveNext())
            {
                if (property.Id is PropertyId.ReasonString)
                    return property.Text;
            }

            return null;
        }
    }

    /// <summary>An acknowledgement of MQTT 5 that says why.</summary>
    public static AckPacket Explained(PacketType type, ushort packetId, ReasonCode reason, string text)
    {
        var answer = new AnswerProperties(text, []);
        var counting = MqttWriter.Counting();
        answer.WriteTo(ref counting);
        var block = new byte[counting.Position];
        var writer = new MqttWriter(block);
        answer.WriteTo(ref writer);
        return new AckPacket(type, packetId, reason) { Properties = block };
    }

    public static AckPacket Read(in Frame frame, ProtocolVersion version)
    {
        var bytes = new MqttReader(frame);
        var packetId = bytes.ReadPacketId();
        if (bytes.AtEnd)
            return new AckPacket(frame.Type, packetId);

        if (version is not ProtocolVersion.V5)
            bytes.ExpectEnd();

        var reason = (ReasonCode)bytes.ReadByte();
        if (!frame.Type.Allows(reason))
            ProtocolException.ThrowMalformed($"{frame.Type} does not know reason 0x{(byte)reason:X2}.");

        if (bytes.AtEnd)
            return new AckPacket(frame.Type, packetId, reason);

        var properties = bytes.ReadPropertyBlock();
        bytes.ExpectEnd();
        PropertyScopes.Validate(properties, PropertyScopes.Of(frame.Type));
        return new AckPacket(frame.Type, packetId, reason) { Properties = properties.ToArray() };
    }

    /// <summary>
    /// Writes an acknowledgement without properties and says how many bytes it took: in MQTT 5 success may stay
    /// unsaid, which makes the common one as short as in MQTT 3.
    /// </summary>
    public static int Write(
        Span<byte> destination, ProtocolVersion version, PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success)
    {
        destination[0] = HeaderOf(type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], packetId);
        if (version is not ProtocolVersion.V5 || reason is ReasonCode.Success)
        {
            destination[1] = sizeof(ushort);
            return ShortestLength;
        }

        destination[1] = sizeof(ushort) + 1;
        destination[ShortestLength] = (byte)reason;
        return LongestLength;
    }

    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        writer.WriteUInt16(PacketId);
        if (version is not ProtocolVersion.V5 || (Reason is ReasonCode.Success && Properties.IsEmpty))
            return;

        writer.WriteByte((byte)Reason);
        if (Properties.IsEmpty)
            return;

        writer.WriteVarInt(Properties.Length);
        writer.WriteBytes(Properties.Span);
    }

    private static byte HeaderOf(PacketType type) => (byte)(((int)type << 4) | FixedHeader.FlagsOf(type));
}
