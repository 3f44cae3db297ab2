using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Messages;

/// <summary>
/// Records side by side in one pooled byte block: the unit that crosses borders. Not safe for concurrent writers.
/// </summary>
public sealed class RecordBlock
{
    // Big enough for a few small messages; a block grows by doubling and keeps at most this much when it is cleared.
    private const int FirstSize = 1024, KeptSize = 256 * 1024;

    private byte[] _bytes = [];
    private int _start;
    private bool _isBorrowed;

    /// <summary>Number of records.</summary>
    public int Count { get; private set; }

    /// <summary>Number of bytes.</summary>
    public int Length { get; private set; }

    public bool IsEmpty => Count == 0;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, Length);

    /// <summary>The same bytes, for one who reads them across an await; good until the block changes.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(_start, Length);

    /// <summary>A block of records that are somebody else's: they are not copied unless more are added.</summary>
    public static RecordBlock Borrow(ReadOnlyMemory<byte> records, int count)
    {
        if (!MemoryMarshal.TryGetArray(records, out var array))
            array = records.ToArray();
        return new RecordBlock
        {
            _bytes = array.Array!, _start = array.Offset, _isBorrowed = true, Length = array.Count, Count = count,
        };
    }

    /// <summary>Makes room for one record of <paramref name="size"/> bytes and counts it.</summary>
    public Span<byte> Add(int size)
    {
        if (_isBorrowed || _bytes.Length - Length < size)
            Grow(size);

        var record = _bytes.AsSpan(Length, size);
        Length += size;
        Count++;
        return record;
    }

    /// <summary>Copies a record and gives the copy, to be patched.</summary>
    public Span<byte> Add(in MessageRecord record)
    {
        var copy = Add(record.Length);
        record.Bytes.CopyTo(copy);
        return copy;
    }

    /// <summary>
    /// Copies a record for one receiver: the MQTT 5 identifiers of its subscriptions stand before the other properties.
    /// </summary>
    public Span<byte> Add(in MessageRecord record, ReadOnlySpan<int> subscriptionIdentifiers)
    {
        if (subscriptionIdentifiers.IsEmpty)
            return Add(record);

        var added = 0;
        foreach (var identifier in subscriptionIdentifiers)
            added += 1 + VarInt.Measure(identifier);

        var copy = Add(record.Length + added);
        var at = record.Length - record.Properties.Length;
        record.Bytes[..at].CopyTo(copy);
        BinaryPrimitives.WriteInt32LittleEndian(copy, copy.Length);
        foreach (var identifier in subscriptionIdentifiers)
        {
            copy[at++] = (byte)PropertyId.SubscriptionIdentifier;
            at += VarInt.Write(copy[at..], identifier);
        }

        record.Properties.CopyTo(copy[at..]);
        return copy;
    }

    /// <summary>Copies many records that lie side by side.</summary>
    public void AddAll(ReadOnlySpan<byte> records, int count)
    {
        records.CopyTo(Add(records.Length));
        Count += count - 1;
    }

    /// <summary>The bytes from <paramref name="start"/> on, to be patched.</summary>
    public Span<byte> From(int start) => _bytes.AsSpan(_start + start, Length - start);

    public byte[] ToArray() => Bytes.ToArray();

    /// <summary>Forgets the records; memory larger than what is kept goes back to the pool.</summary>
    public void Clear(int kept = KeptSize)
    {
        Count = 0;
        Length = 0;
        if (_isBorrowed || _bytes.Length > kept)
            Release();
    }

    /// <summary>Gives all memory back. The block may be used again.</summary>
    public void Release()
    {
        Count = 0;
        Length = 0;
        Use([]);
    }

    public RecordEnumerator GetEnumerator() => new(Bytes);

    private void Grow(int size)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, Math.Max(_bytes.Length * 2, checked(Length + size))));
        Bytes.CopyTo(grown);
        Use(grown);
    }

    private void Use(byte[] bytes)
    {
        if (!_isBorrowed && _bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _start, _isBorrowed) = (bytes, 0, false);
    }
}

/// <summary>Walks records that lie side by side.</summary>
public ref struct RecordEnumerator(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public MessageRecord Current { get; private set; }

    public readonly RecordEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;

        Current = new MessageRecord(_rest);
        _rest = _rest[Current.Length..];
        return true;
    }

    /// <summary>The length of the record that begins at <paramref name="start"/>.</summary>
    public static int LengthAt(ReadOnlySpan<byte> bytes, int start) =>
        BinaryPrimitives.ReadInt32LittleEndian(bytes[start..]);
}
