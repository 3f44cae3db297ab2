using System.Buffers;
using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Protocol.Codec;

/// <summary>One packet's bytes, cut off the buffer and not yet understood; borrowed from that buffer.</summary>
public readonly ref struct Frame
{
    private readonly ReadOnlySequence<byte> _source;
    private readonly ReadOnlySpan<byte> _span;
    private readonly int _start;

    private Frame(byte header, scoped in ReadOnlySequence<byte> source, ReadOnlySpan<byte> span, int start, int length)
    {
        Header = header;
        _source = source;
        _span = span;
        _start = start;
        Length = length;
    }

    /// <summary>The first byte: type and flags.</summary>
    public byte Header { get; }

    /// <summary>How many bytes follow the fixed header.</summary>
    public int Length { get; }

    public PacketType Type => (PacketType)(Header >> 4);

    /// <summary>The lower half of the first byte.</summary>
    public byte Flags => (byte)(Header & 0x0F);

    /// <summary>Everything behind the fixed header.</summary>
    public ReadOnlySequence<byte> Body => _source.Slice(_start, Length);

    /// <summary>Whether the body lies in one piece, as it nearly always does; then <see cref="Span"/> is the body.</summary>
    public bool IsContiguous => _span.Length == Length;

    internal ReadOnlySpan<byte> Span => _span;

    /// <summary>Holds the body from <see cref="Start"/> on; spares the hot path a slice.</summary>
    internal ReadOnlySequence<byte> Source => _source;

    internal int Start => _start;

    /// <summary>
    /// Cuts one packet off the front of the buffer, or leaves the buffer and says false when more bytes must come.
    /// What can never become a legal packet throws at once.
    /// </summary>
    /// <param name="buffer">The bytes as they arrived; afterwards, what lies behind the packet.</param>
    /// <param name="maximumPacketSize">The largest packet to take, fixed header included.</param>
    /// <param name="frame">The packet's bytes.</param>
    /// <param name="version">MQTT 3.1 leaves flags to the sender; MQTT 5 asks for the shortest length.</param>
    public static bool TryRead(
        scoped ref ReadOnlySequence<byte> buffer,
        int maximumPacketSize,
        out Frame frame,
        ProtocolVersion version = ProtocolVersion.V311)
    {
        var first = buffer.FirstSpan;
        if (first.Length < 1 + VarInt.MaximumBytes && !buffer.IsSingleSegment)
            return TryReadAcross(ref buffer, maximumPacketSize, out frame, version);

        frame = default;
        if (!TryReadFixedHeader(first, maximumPacketSize, version, out var start, out var length))
            return false;

        var isContiguous = first.Length - start >= length;
        if (!isContiguous && buffer.Length - start < length)
            return false;

        frame = new Frame(first[0], buffer, isContiguous ? first.Slice(start, length) : default, start, length);
        buffer = buffer.Slice(start + length);
        return true;
    }

    /// <summary>The fixed header itself may be cut; it is at most five bytes, so it is looked at in a copy.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadAcross(
        scoped ref ReadOnlySequence<byte> buffer, int maximumPacketSize, out Frame frame, ProtocolVersion version)
    {
        Span<byte> copy = stackalloc byte[1 + VarInt.MaximumBytes];
        var head = buffer.Length < copy.Length ? buffer : buffer.Slice(0, copy.Length);
        head.CopyTo(copy);
        copy = copy[..(int)head.Length];

        if (!TryReadFixedHeader(copy, maximumPacketSize, version, out var start, out var length)
            || buffer.Length - start < length)
        {
            frame = default;
            return false;
        }

        var body = buffer.Slice(start, length);
        frame = new Frame(copy[0], body, body.IsSingleSegment ? body.FirstSpan : default, 0, length);
        buffer = buffer.Slice(start + length);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadFixedHeader(
        ReadOnlySpan<byte> bytes, int maximumPacketSize, ProtocolVersion version, out int start, out int length)
    {
        start = 0;
        length = 0;
        if (bytes.IsEmpty)
            return false;

        if (!FixedHeader.IsLegal(bytes[0], version))
            FixedHeader.ThrowIllegal(bytes[0]);

        if (!VarInt.TryRead(bytes[1..], out length, out var lengthBytes))
            return false;

        // [MQTT-1.5.5-1] binds MQTT 5 only; older senders may pad the length.
        if (version is ProtocolVersion.V5 && lengthBytes != VarInt.Measure(length))
            ProtocolException.ThrowMalformed("The remaining length is not in its shortest form.");

        // Judge the announced size before the bytes arrive, so that a liar cannot make us hold 256 MB for it.
        start = 1 + lengthBytes;
        if (start + length > maximumPacketSize)
            ProtocolException.Throw(ReasonCode.PacketTooLarge, $"A packet of {start + length} bytes was announced.");

        return true;
    }
}
