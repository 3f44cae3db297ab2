using System.Numerics;
using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>What a level means to a filter: it is its end, or the one before '#' or before a '+' at the end.</summary>
[Flags]
internal enum FilterEnd
{
    None = 0,
    Exact = 1,
    Many = 2,
    One = 4,
}

/// <summary>
/// The values of a filter tree. A node carries one number, which says which values it has and where; most nodes have
/// none, few have one, and hardly any have more. Filters that get the same value one after the other share its place: of
/// a million routes to one gateway there is one.
/// </summary>
internal sealed class FilterTreeValues<T>
    where T : class
{
    private const int EndBits = 3;
    private const int Ends = (1 << EndBits) - 1;

    private readonly ChunkedList<Slot> _slots = new();
    private readonly ChunkedList<int> _shared = new(); // how many more have a slot; not longer than to the last shared one
    private readonly Stack<int> _free = new();
    private int _latest = -1;

    /// <summary>Places for values ever made, in use or free.</summary>
    public int Capacity => _slots.Count;

    public static FilterEnd EndsOf(int code) => (FilterEnd)(code & Ends);

    public T? Get(int code, FilterEnd end)
    {
        if (((FilterEnd)code & end) == 0)
            return null;

        return Get(At(code), code, end);
    }

    /// <summary>What is kept for a node that has something; look into it with <see cref="Get(object, int, FilterEnd)"/>.</summary>
    public object At(int code) => _slots[code >> EndBits].Value!;

    public static T Get(object kept, int code, FilterEnd end) =>
        EndsOf(code) == end ? Unsafe.As<T>(kept) : Unsafe.As<Several>(kept).Get(end)!;

    /// <summary>Sets or (with null) removes a value; returns the node's new number.</summary>
    public int Set(int code, FilterEnd end, T? value)
    {
        var exact = end == FilterEnd.Exact ? value : Get(code, FilterEnd.Exact);
        var many = end == FilterEnd.Many ? value : Get(code, FilterEnd.Many);
        var one = end == FilterEnd.One ? value : Get(code, FilterEnd.One);
        if (code != 0)
            Release(code >> EndBits);

        var ends = (exact is null ? FilterEnd.None : FilterEnd.Exact)
            | (many is null ? FilterEnd.None : FilterEnd.Many)
            | (one is null ? FilterEnd.None : FilterEnd.One);
        if (ends == FilterEnd.None)
            return 0;

        var isOnly = BitOperations.IsPow2((uint)ends);
        return (Place(isOnly ? exact ?? many ?? one! : new Several(exact, many, one)) << EndBits) | (int)ends;
    }

    // The last value that was set may come again.
    private int Place(object value)
    {
        if (_latest >= 0 && _slots[_latest].Value == value)
        {
            while (_shared.Count <= _latest)
                _shared.Add(0);
            _shared[_latest]++;
            return _latest;
        }

        if (!_free.TryPop(out var slot))
            slot = _slots.Extend(1);
        _slots[slot].Value = value;
        return _latest = slot;
    }

    private void Release(int slot)
    {
        if (slot < _shared.Count && _shared[slot] > 0)
        {
            _shared[slot]--;
            return;
        }

        _slots[slot].Value = null;
        _free.Push(slot);
    }

    // A struct around the reference spares the type check of an array of references.
    private struct Slot
    {
        public object? Value;
    }

    private sealed record Several(T? Exact, T? Many, T? One)
    {
        public T? Get(FilterEnd end) => end switch
        {
            FilterEnd.Exact => Exact,
            FilterEnd.Many => Many,
            _ => One,
        };
    }
}
