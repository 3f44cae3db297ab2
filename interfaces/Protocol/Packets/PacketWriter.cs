using System.Buffers;
using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>Writes any packet whole; sizes are asked before anything is written, so no length is ever patched.</summary>
public static class PacketWriter
{
    /// <summary>The size of the packet on the wire, fixed header included.</summary>
    public static int Measure<TPacket>(in TPacket packet, ProtocolVersion version)
        where TPacket : IPacket<TPacket>, allows ref struct
    {
        var body = MeasureBody(packet, version);
        return 1 + VarInt.Measure(body) + body;
    }

    /// <summary>Writes the packet and says how many bytes it took.</summary>
    public static int Write<TPacket>(Span<byte> destination, in TPacket packet, ProtocolVersion version)
        where TPacket : IPacket<TPacket>, allows ref struct =>
        Write(destination, packet, version, MeasureBody(packet, version));

    /// <summary>Writes the packet and says how many bytes it took.</summary>
    public static int Write<TPacket>(IBufferWriter<byte> output, in TPacket packet, ProtocolVersion version)
        where TPacket : IPacket<TPacket>, allows ref struct
    {
        var body = MeasureBody(packet, version);
        var total = 1 + VarInt.Measure(body) + body;
        Write(output.GetSpan(total), packet, version, body);
        output.Advance(total);
        return total;
    }

    private static int Write<TPacket>(Span<byte> destination, in TPacket packet, ProtocolVersion version, int body)
        where TPacket : IPacket<TPacket>, allows ref struct
    {
        var writer = new MqttWriter(destination);
        writer.WriteByte(packet.Header);
        writer.WriteVarInt(body);
        packet.WriteBody(ref writer, version);
        return writer.Position;
    }

    private static int MeasureBody<TPacket>(in TPacket packet, ProtocolVersion version)
        where TPacket : IPacket<TPacket>, allows ref struct
    {
        var counting = MqttWriter.Counting();
        packet.WriteBody(ref counting, version);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(counting.Position, VarInt.Maximum);
        return counting.Position;
    }
}
