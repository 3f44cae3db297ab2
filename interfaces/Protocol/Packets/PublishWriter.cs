using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>Writes a PUBLISH straight from its parts, with no packet in between: the gateway does this for every delivery.</summary>
public static class PublishWriter
{
    internal const byte DupFlag = 0b1000;
    internal const byte RetainFlag = 0b0001;
    private const int LargestBlock = 4096; // the size of a pipe's block

    /// <summary>The size on the wire, fixed header included; property lengths count in MQTT 5 only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MeasureTotal(
        ProtocolVersion version, int topicLength, QoS qos, int payloadLength, int propertiesLength = 0)
    {
        var body = MeasureBody(version, topicLength, qos, payloadLength, propertiesLength);
        return 1 + VarInt.Measure(body) + body;
    }

    /// <summary>The size on the wire with properties for one receiver, fixed header included.</summary>
    public static int MeasureTotal(
        ProtocolVersion version,
        int topicLength,
        QoS qos,
        int payloadLength,
        int propertiesLength,
        scoped in PublishExtras extras) =>
        MeasureTotal(version, topicLength, qos, payloadLength, propertiesLength + extras.Measure());

    /// <summary>Writes the packet and says how many bytes it took; a packet identifier counts only above QoS 0.</summary>
    /// <param name="destination">At least <see cref="MeasureTotal(ProtocolVersion,int,QoS,int,int)"/> bytes.</param>
    /// <param name="version">MQTT 3 leaves the properties out.</param>
    /// <param name="topic">A valid topic name.</param>
    /// <param name="packetId">Not 0 above QoS 0.</param>
    /// <param name="qos">The quality of this delivery.</param>
    /// <param name="retain">Whether the message comes out of the retained store, or was published so.</param>
    /// <param name="dup">Whether this is a second attempt.</param>
    /// <param name="payload">The payload, copied once.</param>
    /// <param name="properties">A validated block without its length.</param>
    public static int Write(
        Span<byte> destination,
        ProtocolVersion version,
        ReadOnlySpan<byte> topic,
        ushort packetId,
        QoS qos,
        bool retain,
        bool dup,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> properties = default)
    {
        var body = MeasureBody(version, topic.Length, qos, payload.Length, properties.Length);
        var at = WriteHead(destination, body, topic, packetId, qos, retain, dup);
        if (version is ProtocolVersion.V5)
        {
            at += VarInt.Write(destination[at..], properties.Length);
            properties.CopyTo(destination[at..]);
            at += properties.Length;
        }

        payload.CopyTo(destination[at..]);
        return at + payload.Length;
    }

    /// <summary>Writes the packet with properties for one receiver before the shared ones; MQTT 5 only.</summary>
    public static int Write(
        Span<byte> destination,
        ReadOnlySpan<byte> topic,
        ushort packetId,
        QoS qos,
        bool retain,
        bool dup,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> properties,
        scoped in PublishExtras extras)
    {
        var block = properties.Length + extras.Measure();
        var body = MeasureBody(ProtocolVersion.V5, topic.Length, qos, payload.Length, block);
        var writer = new MqttWriter(destination[WriteHead(destination, body, topic, packetId, qos, retain, dup)..]);
        writer.WriteVarInt(block);
        extras.WriteTo(ref writer);
        writer.WriteBytes(properties);
        writer.WriteBytes(payload);
        return 1 + VarInt.Measure(body) + body;
    }

    /// <summary>Writes to a pipe: small packets into one block, a large payload chunk by chunk.</summary>
    public static int Write(
        IBufferWriter<byte> output,
        ProtocolVersion version,
        ReadOnlySpan<byte> topic,
        ushort packetId,
        QoS qos,
        bool retain,
        bool dup,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> properties = default)
    {
        var total = MeasureTotal(version, topic.Length, qos, payload.Length, properties.Length);
        if (total <= LargestBlock)
        {
            output.Advance(Write(output.GetSpan(total), version, topic, packetId, qos, retain, dup, payload, properties));
            return total;
        }

        // A payload of many megabytes must not ask the pipe for one block that large.
        var body = MeasureBody(version, topic.Length, qos, payload.Length, properties.Length);
        var span = output.GetSpan(total - payload.Length);
        var at = WriteHead(span, body, topic, packetId, qos, retain, dup);
        if (version is ProtocolVersion.V5)
        {
            at += VarInt.Write(span[at..], properties.Length);
            properties.CopyTo(span[at..]);
            at += properties.Length;
        }

        output.Advance(at);
        output.Write(payload);
        return total;
    }

    /// <summary>Writes to a pipe with properties for one receiver before the shared ones; MQTT 5 only.</summary>
    public static int Write(
        IBufferWriter<byte> output,
        ReadOnlySpan<byte> topic,
        ushort packetId,
        QoS qos,
        bool retain,
        bool dup,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> properties,
        scoped in PublishExtras extras)
    {
        var block = properties.Length + extras.Measure();
        var body = MeasureBody(ProtocolVersion.V5, topic.Length, qos, payload.Length, block);
        var total = 1 + VarInt.Measure(body) + body;
        var isSmall = total <= LargestBlock;
        var span = output.GetSpan(isSmall ? total : total - payload.Length);
        var at = WriteHead(span, body, topic, packetId, qos, retain, dup);
        var writer = new MqttWriter(span[at..]);
        writer.WriteVarInt(block);
        extras.WriteTo(ref writer);
        writer.WriteBytes(properties);
        if (isSmall)
            writer.WriteBytes(payload);

        output.Advance(at + writer.Position);
        if (!isSmall)
            output.Write(payload);
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte HeaderOf(QoS qos, bool retain, bool dup) => (byte)(
        ((int)PacketType.Publish << 4) | (dup ? DupFlag : 0) | ((int)qos << 1) | (retain ? RetainFlag : 0));

    internal static QoS QoSOf(byte header) => (QoS)((header >> 1) & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int MeasureBody(
        ProtocolVersion version, int topicLength, QoS qos, int payloadLength, int propertiesLength) =>
        sizeof(ushort) + topicLength
        + (qos is QoS.AtMostOnce ? 0 : sizeof(ushort))
        + (version is ProtocolVersion.V5 ? VarInt.Measure(propertiesLength) + propertiesLength : 0)
        + payloadLength;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteHead(
        Span<byte> destination, int body, ReadOnlySpan<byte> topic, ushort packetId, QoS qos, bool retain, bool dup)
    {
        destination[0] = HeaderOf(qos, retain, dup);
        var at = 1 + VarInt.Write(destination[1..], body);
        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)topic.Length);
        at += sizeof(ushort);
        topic.CopyTo(destination[at..]);
        at += topic.Length;
        if (qos is QoS.AtMostOnce)
            return at;

        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], packetId);
        return at + sizeof(ushort);
    }
}
