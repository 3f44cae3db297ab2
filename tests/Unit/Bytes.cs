using System.Buffers;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>Bytes as they look on the wire, and as they arrive: in any number of pieces.</summary>
internal static class Bytes
{
    /// <summary>From hexadecimal digits; blanks are for the reader.</summary>
    public static byte[] Hex(string digits) => Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>A packet as it is sent.</summary>
    public static byte[] Of<TPacket>(in TPacket packet, ProtocolVersion version)
        where TPacket : IPacket<TPacket>, allows ref struct
    {
        var bytes = new byte[PacketWriter.Measure(packet, version)];
        Assert.Equal(bytes.Length, PacketWriter.Write(bytes, packet, version));
        return bytes;
    }

    /// <summary>Whole, split in two at each place, and one by one.</summary>
    public static IEnumerable<ReadOnlySequence<byte>> InEveryCut(byte[] bytes)
    {
        yield return new ReadOnlySequence<byte>(bytes);
        for (var at = 0; at <= bytes.Length; at++)
            yield return InPieces(bytes[..at], bytes[at..]);

        if (bytes.Length > 0)
            yield return InPieces([.. bytes.Select(one => new[] { one })]);
    }

    public static ReadOnlySequence<byte> InPieces(params byte[][] pieces)
    {
        var first = new Piece(pieces[0], 0);
        var last = first;
        foreach (var bytes in pieces.Skip(1))
            last = last.Append(bytes);

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>The one frame that the bytes are.</summary>
    public static Frame OnlyFrame(ReadOnlySequence<byte> arrival, ProtocolVersion version = ProtocolVersion.V311)
    {
        Assert.True(Frame.TryRead(ref arrival, int.MaxValue, out var frame, version));
        Assert.True(arrival.IsEmpty);
        return frame;
    }

    /// <summary>The one frame that the bytes are.</summary>
    public static Frame OnlyFrame(byte[] bytes, ProtocolVersion version = ProtocolVersion.V311) =>
        OnlyFrame(new ReadOnlySequence<byte>(bytes), version);

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, long runningIndex)
        {
            Memory = bytes;
            RunningIndex = runningIndex;
        }

        public Piece Append(byte[] bytes)
        {
            var next = new Piece(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
