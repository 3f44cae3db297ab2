using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Orleans.Mqtt.Protocol.Codec;

/// <summary>Puts primitives into a span, or only counts them, so that one description of a packet both measures and writes it.</summary>
public ref struct MqttWriter
{
    private readonly Span<byte> _destination;
    private readonly bool _counts;

    public MqttWriter(Span<byte> destination) => _destination = destination;

    private MqttWriter(bool counts) => _counts = counts;

    /// <summary>How many bytes have been written, or counted.</summary>
    public int Position { get; private set; }

    /// <summary>A writer that writes nothing and only adds up.</summary>
    public static MqttWriter Counting() => new(counts: true);

    public void WriteByte(byte value)
    {
        if (!_counts)
            _destination[Position] = value;

        Position++;
    }

    public void WriteUInt16(ushort value)
    {
        if (!_counts)
            BinaryPrimitives.WriteUInt16BigEndian(_destination[Position..], value);

        Position += sizeof(ushort);
    }

    public void WriteUInt32(uint value)
    {
        if (!_counts)
            BinaryPrimitives.WriteUInt32BigEndian(_destination[Position..], value);

        Position += sizeof(uint);
    }

    public void WriteVarInt(int value) =>
        Position += _counts ? VarInt.Measure(value) : VarInt.Write(_destination[Position..], value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (!_counts)
            bytes.CopyTo(_destination[Position..]);

        Position += bytes.Length;
    }

    /// <summary>Binary Data, or a string that is UTF-8 already: a two-byte length and the bytes.</summary>
    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MqttText.MaximumBytes);
        WriteUInt16((ushort)bytes.Length);
        WriteBytes(bytes);
    }

    public void WriteString(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MqttText.MaximumBytes, nameof(text));
        WriteUInt16((ushort)length);
        if (!_counts)
            Encoding.UTF8.GetBytes(text, _destination[Position..]);

        Position += length;
    }
}
