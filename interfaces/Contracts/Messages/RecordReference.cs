using System.Buffers.Binary;

namespace Orleans.Mqtt.Messages;

/// <summary>
/// Stands in a live delivery for records that the receiver has: a part of the envelope that is on its way in one of its
/// lanes. A record without a topic, which no message is.
/// </summary>
/// <remarks>
/// <code>
///  0  u32  length of the reference
///  4  u8   flags, 0
///  5  u8   1
///  6  u16  length of the topic, 0
///  8  u32  length of the payload, 0
/// 12  u32  lane
/// 16  i64  sequence of the envelope
/// 24  u32  offset of the first record
/// 28  u32  bytes of all records
/// 32  u64  0
/// </code>
/// </remarks>
/// <param name="Lane">Of the gateway.</param>
/// <param name="Sequence">Of the envelope.</param>
/// <param name="Offset">Where the first record begins.</param>
/// <param name="Length">Bytes of the records, which lie side by side.</param>
public readonly record struct RecordReference(int Lane, long Sequence, int Offset, int Length)
{
    public const int Size = MessageRecord.HeaderSize;

    internal const int KindAt = 5;

    private const int LaneAt = 12, SequenceAt = 16, OffsetAt = 24, LengthAt = 28;

    public static RecordReference Read(in MessageRecord record) => new(
        BinaryPrimitives.ReadInt32LittleEndian(record.Bytes[LaneAt..]),
        BinaryPrimitives.ReadInt64LittleEndian(record.Bytes[SequenceAt..]),
        BinaryPrimitives.ReadInt32LittleEndian(record.Bytes[OffsetAt..]),
        BinaryPrimitives.ReadInt32LittleEndian(record.Bytes[LengthAt..]));

    /// <summary>Writes it over <see cref="Size"/> bytes.</summary>
    public void WriteTo(Span<byte> record)
    {
        record.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(record, Size);
        record[KindAt] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(record[LaneAt..], Lane);
        BinaryPrimitives.WriteInt64LittleEndian(record[SequenceAt..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(record[OffsetAt..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(record[LengthAt..], Length);
    }

    /// <summary>Whether the other one begins where this one ends.</summary>
    public bool Adjoins(in RecordReference next) => Length > 0 && next.Offset == Offset + Length;
}
