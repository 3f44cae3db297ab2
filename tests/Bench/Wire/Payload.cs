using System.Buffers.Binary;

namespace Orleans.Mqtt.Tests.Bench.Wire;

/// <summary>What a measured message says about itself, at the front of its payload.</summary>
/// <param name="Publisher">Who sent it.</param>
/// <param name="Stream">Its publisher and topic: the unit within which MQTT promises order.</param>
/// <param name="Sequence">Counts from 0 within the stream.</param>
/// <param name="DueAt">When it was to be sent, in ticks of the stopwatch; 0 if nobody asks.</param>
internal readonly record struct Payload(int Publisher, int Stream, long Sequence, long DueAt)
{
    public const int Size = 24;

    public static unsafe Payload Read(byte* at)
    {
        var bytes = new ReadOnlySpan<byte>(at, Size);
        return new Payload(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
    }

    public unsafe void Write(byte* at)
    {
        var bytes = new Span<byte>(at, Size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Publisher);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Stream);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], DueAt);
    }
}
