using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>What a level means when it is the end of a filter: the filter itself, or the filter with '#' behind it.</summary>
[Flags]
internal enum FilterEnd
{
    None = 0,
    Exact = 1,
    Many = 2,
}

/// <summary>
/// The values of a filter tree. A node carries one number, which says which values it has and where; most nodes have
/// none, few have one, and hardly any have both.
/// </summary>
internal sealed class FilterTreeValues<T>
    where T : class
{
    private const int EndBits = 2;

    private readonly ChunkedList<Slot> _slots = new();
    private readonly Stack<int> _free = new();

    public static FilterEnd EndsOf(int code) => (FilterEnd)code & (FilterEnd.Exact | FilterEnd.Many);

    public T? Get(int code, FilterEnd end)
    {
        if (((FilterEnd)code & end) == 0)
            return null;

        var value = _slots[code >> EndBits].Value;
        if (EndsOf(code) == end)
            return Unsafe.As<T>(value);

        var both = Unsafe.As<Both>(value)!;
        return end == FilterEnd.Exact ? both.Exact : both.Many;
    }

    /// <summary>Sets or (with null) removes a value; returns the node's new number.</summary>
    public int Set(int code, FilterEnd end, T? value)
    {
        var exact = end == FilterEnd.Exact ? value : Get(code, FilterEnd.Exact);
        var many = end == FilterEnd.Many ? value : Get(code, FilterEnd.Many);
        var ends = (exact is null ? FilterEnd.None : FilterEnd.Exact) | (many is null ? FilterEnd.None : FilterEnd.Many);
        var slot = code >> EndBits;
        if (ends == FilterEnd.None)
        {
            if (code != 0)
                Release(slot);

            return 0;
        }

        if (code == 0 && !_free.TryPop(out slot))
            slot = _slots.Extend(1);

        _slots[slot].Value = exact is not null && many is not null ? new Both(exact, many) : (object?)exact ?? many;
        return (slot << EndBits) | (int)ends;
    }

    private void Release(int slot)
    {
        _slots[slot].Value = null;
        _free.Push(slot);
    }

    // A struct around the reference spares the type check of an array of references.
    private struct Slot
    {
        public object? Value;
    }

    private sealed record Both(T Exact, T Many);
}
