using System.Diagnostics.CodeAnalysis;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>A queue that can be read at any place. Grows by doubling; empty, it holds no memory.</summary>
internal sealed class Ring<T>
{
    private T[] _items = [];
    private int _first;

    public int Count { get; private set; }

    [SuppressMessage("Design", "CA1043", Justification = "The place in the ring, as in an array.")]
    public ref T this[int index] => ref _items[(_first + index) & (_items.Length - 1)];

    public void Enqueue(T item)
    {
        if (Count == _items.Length)
            Grow();
        Count++;
        this[Count - 1] = item;
    }

    public T Dequeue()
    {
        var item = this[0];
        this[0] = default!;
        _first = (_first + 1) & (_items.Length - 1);
        Count--;
        if (Count == 0)
            Clear();
        return item;
    }

    public void Clear()
    {
        _items = [];
        _first = 0;
        Count = 0;
    }

    private void Grow()
    {
        var grown = new T[Math.Max(4, _items.Length * 2)];
        for (var i = 0; i < Count; i++)
            grown[i] = this[i];
        _items = grown;
        _first = 0;
    }
}
