namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>A list that grows and shrinks at both ends and is read by index, in one ring of slots.</summary>
internal sealed class Deque
{
    private const int SmallestRing = 4;
    private byte[][] _ring = new byte[SmallestRing][];
    private int _head;

    public int Count { get; private set; }

    public byte[] this[int index]
    {
        get => _ring[Slot(index)];
        set => _ring[Slot(index)] = value;
    }

    public void AddLast(byte[] item)
    {
        if (Count == _ring.Length)
            MoveTo(2 * Count);

        _ring[Slot(Count++)] = item;
    }

    public void AddFirst(byte[] item)
    {
        if (Count == _ring.Length)
            MoveTo(2 * Count);

        _head = Slot(_ring.Length - 1);
        Count++;
        _ring[_head] = item;
    }

    public void RemoveFirst(int count)
    {
        for (var index = 0; index < count; index++)
            _ring[Slot(index)] = null!;

        _head = Slot(count);
        Count -= count;
        GiveBack();
    }

    public void RemoveLast(int count)
    {
        for (var index = Count - count; index < Count; index++)
            _ring[Slot(index)] = null!;

        Count -= count;
        GiveBack();
    }

    private int Slot(int index) => (_head + index) & (_ring.Length - 1); // the ring is a power of two

    private void GiveBack()
    {
        if (_ring.Length > 64 && Count < _ring.Length / 4)
            MoveTo(_ring.Length / 2);
    }

    private void MoveTo(int size)
    {
        var ring = new byte[size][];
        for (var index = 0; index < Count; index++)
            ring[index] = _ring[Slot(index)];

        _ring = ring;
        _head = 0;
    }
}
