using System.Buffers.Binary;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Messages;

/// <summary>
/// A message as it travels inside the cluster and as it is stored: a fixed header, then topic, payload and the raw MQTT 5
/// properties. A borrowed view: it is valid as long as the bytes below it are.
/// </summary>
/// <remarks>
/// All numbers are little-endian.
/// <code>
///  0  u32  length of the whole record in bytes
///  4  u8   <see cref="RecordFlags"/>
///  5  u8   0 (1: see <see cref="RecordReference"/>)
///  6  u16  length of the topic
///  8  u32  length of the payload
/// 12  u32  expiry, seconds since 1970 (0: none)
/// 16  u64  publisher: the session that said it (0: the broker or an application)
/// 24  u64  sequence: its place among that publisher's messages of one QoS (0 for QoS 0)
/// 32  u64  position: its place in a session's queue (0 outside of one)
/// 40       topic, payload, properties
/// </code>
/// </remarks>
public readonly ref struct MessageRecord
{
    public const int HeaderSize = 40;

    private const int FlagsAt = 4, TopicLengthAt = 6, PayloadLengthAt = 8, ExpiryAt = 12;
    private const int PublisherAt = 16, SequenceAt = 24, PositionAt = 32;

    /// <summary>Views the record that begins at the first byte.</summary>
    public MessageRecord(ReadOnlySpan<byte> bytes) =>
        Bytes = bytes[..BinaryPrimitives.ReadInt32LittleEndian(bytes)];

    public ReadOnlySpan<byte> Bytes { get; }

    public int Length => Bytes.Length;

    public RecordFlags Flags => (RecordFlags)Bytes[FlagsAt];

    public QoS QoS => (QoS)(Flags & RecordFlags.QoSMask);

    public bool Has(RecordFlags flag) => (Flags & flag) != 0;

    /// <summary>Not a message, but a <see cref="RecordReference"/>.</summary>
    public bool IsReference => Bytes[RecordReference.KindAt] != 0;

    public int TopicLength => BinaryPrimitives.ReadUInt16LittleEndian(Bytes[TopicLengthAt..]);

    public int PayloadLength => BinaryPrimitives.ReadInt32LittleEndian(Bytes[PayloadLengthAt..]);

    public uint Expiry => BinaryPrimitives.ReadUInt32LittleEndian(Bytes[ExpiryAt..]);

    /// <summary>Whether its time was over at a moment, in seconds since 1970.</summary>
    public bool HasExpired(uint now) => Expiry != 0 && Expiry <= now;

    public ulong Publisher => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[PublisherAt..]);

    public ulong Sequence => BinaryPrimitives.ReadUInt64LittleEndian(Bytes[SequenceAt..]);

    public long Position => BinaryPrimitives.ReadInt64LittleEndian(Bytes[PositionAt..]);

    /// <summary>Of a live delivery with <see cref="RecordFlags.Shared"/>.</summary>
    public SharePlace Place => new((ulong)Position, (int)Sequence);

    public ReadOnlySpan<byte> Topic => Bytes.Slice(HeaderSize, TopicLength);

    public ReadOnlySpan<byte> Payload => Bytes.Slice(HeaderSize + TopicLength, PayloadLength);

    /// <summary>The validated MQTT 5 property block without its length, empty for a 3.1.1 publisher.</summary>
    public ReadOnlySpan<byte> Properties => Bytes[(HeaderSize + TopicLength + PayloadLength)..];

    public static int Measure(int topicLength, int payloadLength, int propertiesLength) =>
        HeaderSize + topicLength + payloadLength + propertiesLength;

    /// <summary>Writes the fixed header; the caller writes topic, payload and properties behind it.</summary>
    public static void WriteHeader(
        Span<byte> record, RecordFlags flags, int topicLength, int payloadLength, uint expiry, ulong publisher, ulong sequence)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length);
        record[FlagsAt] = (byte)flags;
        record[FlagsAt + 1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(record[TopicLengthAt..], (ushort)topicLength);
        BinaryPrimitives.WriteInt32LittleEndian(record[PayloadLengthAt..], payloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(record[ExpiryAt..], expiry);
        BinaryPrimitives.WriteUInt64LittleEndian(record[PublisherAt..], publisher);
        BinaryPrimitives.WriteUInt64LittleEndian(record[SequenceAt..], sequence);
        BinaryPrimitives.WriteInt64LittleEndian(record[PositionAt..], 0);
    }

    public static void PatchFlags(Span<byte> record, RecordFlags flags) => record[FlagsAt] = (byte)flags;

    public static void PatchPosition(Span<byte> record, long position) =>
        BinaryPrimitives.WriteInt64LittleEndian(record[PositionAt..], position);

    public static void PatchExpiry(Span<byte> record, uint expiry) =>
        BinaryPrimitives.WriteUInt32LittleEndian(record[ExpiryAt..], expiry);

    public static void PatchIdentity(Span<byte> record, ulong publisher, ulong sequence)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(record[PublisherAt..], publisher);
        BinaryPrimitives.WriteUInt64LittleEndian(record[SequenceAt..], sequence);
    }

    public static void PatchSequence(Span<byte> record, ulong sequence) =>
        BinaryPrimitives.WriteUInt64LittleEndian(record[SequenceAt..], sequence);

    /// <summary>Makes the record a live copy for one member of a shared subscription.</summary>
    public static void PatchPlace(Span<byte> record, SharePlace place)
    {
        record[FlagsAt] |= (byte)RecordFlags.Shared;
        PatchPosition(record, (long)place.Handle);
        PatchSequence(record, (ulong)place.Seat);
    }

    /// <summary>The flags of a message as its publisher says it.</summary>
    public static RecordFlags FlagsOf(QoS qos, bool retain) =>
        (RecordFlags)qos
        | (retain ? RecordFlags.Retain : RecordFlags.None)
        | (qos is QoS.ExactlyOnce ? RecordFlags.ExactlyOnce : RecordFlags.None);

    /// <summary>The same flags with another QoS.</summary>
    public static RecordFlags WithQoS(RecordFlags flags, QoS qos) => (flags & ~RecordFlags.QoSMask) | (RecordFlags)qos;
}
