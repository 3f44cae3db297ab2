using System.Buffers;
using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>Room on the stack for what most topics need. (A stackalloc would keep the JIT from profiling the search.)</summary>
[InlineArray(Length)]
internal struct StackRoom<T>
    where T : unmanaged
{
    private const int Length = 16;

    private T _first;
}

/// <summary>A list that begins on the stack and moves to a pooled array when it outgrows that.</summary>
internal ref struct SpillList<T>(Span<T> first)
    where T : unmanaged
{
    private Span<T> _items = first;
    private T[]? _rented;

    public int Count { get; private set; }

    public readonly ref T this[int index] => ref _items[index];

    public void Add(T item)
    {
        if (Count == _items.Length)
            Grow();

        _items[Count++] = item;
    }

    public T Pop() => _items[--Count];

    /// <summary>Gives the pooled array back; without it (after an exception) the collector has it.</summary>
    public readonly void Dispose()
    {
        if (_rented is not null)
            ArrayPool<T>.Shared.Return(_rented);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        var larger = ArrayPool<T>.Shared.Rent(_items.Length * 2);
        _items.CopyTo(larger);
        Dispose();
        _items = _rented = larger;
    }
}
