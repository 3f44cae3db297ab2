namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>A growing array in pieces: a large one never moves, and a small one stays small.</summary>
internal sealed class ChunkedList<T>
    where T : struct
{
    private const int FirstSize = 4;

    private T[][] _chunks = [[]];
    private int _chunkCount = 1;

    public int Count { get; private set; }

    /// <summary>How many items can still be added side by side.</summary>
    public int RoomInChunk => ChunkSize - (Count & (ChunkSize - 1));

    // A constant to the compiler. Words come in long runs (see LevelNames), nodes are larger than words.
    private static int ChunkBits => typeof(T) == typeof(int) ? 16 : 13;

    private static int ChunkSize => 1 << ChunkBits;

    private int Capacity => _chunkCount == 1 ? _chunks[0].Length : _chunkCount << ChunkBits;

    /// <summary>Valid until the next add, which may move a list that has not yet filled its first piece.</summary>
    public ref T this[int index] => ref _chunks[index >> ChunkBits][index & (ChunkSize - 1)];

    /// <summary>From one item to the end of its piece.</summary>
    public Span<T> From(int index) => _chunks[index >> ChunkBits].AsSpan(index & (ChunkSize - 1));

    public int Add(T item)
    {
        var index = Extend(1);
        this[index] = item;
        return index;
    }

    /// <summary>Adds so many items side by side; at most <see cref="RoomInChunk"/>.</summary>
    public int Extend(int length)
    {
        var index = Count;
        if (index + length > Capacity)
            Grow(index + length);

        Count = index + length;
        return index;
    }

    private void Grow(int needed)
    {
        if (Capacity < ChunkSize)
        {
            Array.Resize(ref _chunks[0], Math.Min(ChunkSize, Math.Max(needed, Math.Max(FirstSize, Capacity * 2))));
            return;
        }

        if (_chunkCount == _chunks.Length)
            Array.Resize(ref _chunks, _chunkCount * 2);

        _chunks[_chunkCount++] = new T[ChunkSize];
    }
}
