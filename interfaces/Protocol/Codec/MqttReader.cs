using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Protocol.Codec;

/// <summary>Takes primitives off a whole packet; running past its end means that the sender lied, never that more will come.</summary>
public ref struct MqttReader
{
    private ReadOnlySpan<byte> _rest;

    public MqttReader(ReadOnlySpan<byte> bytes) => _rest = bytes;

    /// <summary>Reads a frame's body; one that lies in pieces is joined first.</summary>
    public MqttReader(in Frame frame) => _rest = frame.IsContiguous ? frame.Span : frame.Body.ToArray();

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte()
    {
        if (_rest.IsEmpty)
            ThrowTooShort();

        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort ReadUInt16()
    {
        if (_rest.Length < sizeof(ushort))
            ThrowTooShort();

        var value = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        _rest = _rest[sizeof(ushort)..];
        return value;
    }

    public uint ReadUInt32()
    {
        if (_rest.Length < sizeof(uint))
            ThrowTooShort();

        var value = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        _rest = _rest[sizeof(uint)..];
        return value;
    }

    /// <summary>A Variable Byte Integer in its shortest form [MQTT-1.5.5-1].</summary>
    public int ReadVarInt()
    {
        if (!VarInt.TryRead(_rest, out var value, out var bytes))
            ThrowTooShort();

        if (bytes != VarInt.Measure(value))
            ProtocolException.ThrowMalformed("A Variable Byte Integer is not in its shortest form.");

        _rest = _rest[bytes..];
        return value;
    }

    /// <summary>A packet identifier, which is never zero [MQTT-2.2.1-3].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort ReadPacketId()
    {
        var packetId = ReadUInt16();
        if (packetId == 0)
            ProtocolException.ThrowMalformed("Packet identifier 0.");

        return packetId;
    }

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (_rest.Length < count)
            ThrowTooShort();

        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    /// <summary>Binary Data: a two-byte length and as many bytes, borrowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadBinary() => ReadBytes(ReadUInt16());

    /// <summary>A UTF-8 Encoded String as validated bytes, borrowed.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        var utf8 = ReadBinary();
        if (!MqttText.IsValid(utf8))
            ProtocolException.ThrowMalformed("A string that is not valid UTF-8.");

        return utf8;
    }

    public string ReadString() => MqttText.Decode(ReadUtf8());

    /// <summary>The property block of an MQTT 5 packet, without its length.</summary>
    public ReadOnlySpan<byte> ReadPropertyBlock() => ReadBytes(ReadVarInt());

    /// <summary>Nothing may follow what the specification lists.</summary>
    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty)
            ProtocolException.ThrowMalformed($"{_rest.Length} bytes behind the end of the packet.");
    }

    private static void ThrowTooShort() => ProtocolException.ThrowMalformed("The packet ends too early.");
}
