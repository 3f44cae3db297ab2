using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>The names of topic levels, each kept once and counted; a name is known by where it lies, never 0.</summary>
internal sealed class LevelNames : IChained
{
    // A record is made of words: next in chain (or in the free list), references, then 16 bits of length and the bytes.
    private const int References = 1;
    private const int Text = 2;
    private const int SmallestRecord = 3;

    // Up to this many words each size has its own free list, above it each power of two.
    private const int ExactSizes = 64;
    private const int ExactSizesLog2 = 6;

    // A piece of the list holds the largest record: 65,535 bytes, rounded up to 32,768 words.
    private readonly ChunkedList<int> _words = new();
    private readonly ChainTable _table;
    private readonly int[] _free = new int[ExactSizes + 11];
    private long _freeWords;

    public LevelNames(int bucketsAnItem = 1)
    {
        _table = new ChainTable(bucketsAnItem);
        _words.Extend(1);
    }

    /// <summary>Words ever taken, in use or free.</summary>
    public int Capacity => _words.Count;

    public ReadOnlySpan<byte> this[int name]
    {
        get
        {
            var text = MemoryMarshal.AsBytes(_words.From(name + Text));
            return text.Slice(sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(text));
        }
    }

    /// <summary>0 if no level has this name.</summary>
    public int Find(ReadOnlySpan<byte> text) => Find(text, SeededHash.Of(text));

    /// <summary>Where to begin to look for a name of this hash; 0 if there is none.</summary>
    public int Head(uint hash) => _table.Head(hash);

    /// <summary>Looks from there on.</summary>
    public int FindFrom(int name, ReadOnlySpan<byte> text)
    {
        while (name != 0 && !this[name].SequenceEqual(text))
            name = _words[name];

        return name;
    }

    /// <summary>What comes behind a name in its chain; 0 if nothing does.</summary>
    public int Following(int name) => _words[name];

    /// <summary>Finds or adds a name and counts one reference more.</summary>
    public int Acquire(ReadOnlySpan<byte> text)
    {
        var hash = SeededHash.Of(text);
        var name = Find(text, hash);
        if (name == 0)
        {
            name = Allocate(SizeOf(text.Length));
            _words[name + References] = 0;
            var bytes = MemoryMarshal.AsBytes(_words.From(name + Text));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)text.Length));
            text.CopyTo(bytes[sizeof(ushort)..]);
            _table.Add(name, hash, this);
        }

        _words[name + References]++;
        return name;
    }

    public void Release(int name)
    {
        if (--_words[name + References] > 0)
            return;

        var text = this[name];
        _table.Remove(name, SeededHash.Of(text), this);
        Free(name, SizeOf(text.Length));
    }

    uint IChained.HashOf(int item) => SeededHash.Of(this[item]);

    ref int IChained.NextOf(int item) => ref _words[item];

    private static int SizeOf(int length)
    {
        var words = Text + ((sizeof(ushort) + length + sizeof(int) - 1) / sizeof(int));
        return words <= ExactSizes ? words : (int)BitOperations.RoundUpToPowerOf2((uint)words);
    }

    private static int ListOf(int size) =>
        size <= ExactSizes ? size : ExactSizes - ExactSizesLog2 + BitOperations.Log2((uint)size);

    private static int SizeIn(int list) => list <= ExactSizes ? list : 1 << (list - ExactSizes + ExactSizesLog2);

    private int Find(ReadOnlySpan<byte> text, uint hash) => FindFrom(_table.Head(hash), text);

    private int Allocate(int size)
    {
        var list = ListOf(size);
        if (_free[list] != 0)
            return Take(list);

        // A larger free block is cut, unless the rest would be too small for any record.
        for (var larger = ListOf(size) + 1; _freeWords >= size + SmallestRecord && larger < _free.Length; larger++)
        {
            if (_free[larger] == 0 || SizeIn(larger) < size + SmallestRecord)
                continue;

            var block = Take(larger);
            Free(block + size, SizeIn(larger) - size);
            return block;
        }

        var room = _words.RoomInChunk;
        if (room < size)
            Free(_words.Extend(room), room);

        return _words.Extend(size);
    }

    private int Take(int list)
    {
        var block = _free[list];
        _free[list] = _words[block];
        _freeWords -= SizeIn(list);
        return block;
    }

    private void Free(int block, int size)
    {
        while (size >= SmallestRecord)
        {
            var part = size <= ExactSizes ? size : 1 << BitOperations.Log2((uint)size);
            ref var first = ref _free[ListOf(part)];
            _words[block] = first;
            first = block;
            _freeWords += part;
            block += part;
            size -= part;
        }
    }
}
