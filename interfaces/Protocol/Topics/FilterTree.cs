using System.Diagnostics.CodeAnalysis;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>
/// Filters with one value each, found by a topic that they match. Takes legal filters and topics only. No locks: any
/// number may read while nobody writes.
/// </summary>
public sealed partial class FilterTree<T>
    where T : class
{
    // A tree larger than this gives its memory back when it runs empty.
    private const int KeptNodes = 4096;

    // Most searches are for topics, each for several levels, and few filters come and go: speed before size.
    private const int BucketsAnItem = 2;

    private LevelStore<FilterTreeLinks> _nodes = new(BucketsAnItem);
    private FilterTreeValues<T> _values = new();

    public int Count { get; private set; }

    /// <summary>Nodes there is memory for; stays when filters come and go.</summary>
    internal int NodeCapacity => _nodes.Capacity;

    internal int NameCapacity => _nodes.Names.Capacity;

    internal int ValueCapacity => _values.Capacity;

    public bool TryGet(ReadOnlySpan<byte> filter, [MaybeNullWhen(false)] out T value)
    {
        var node = Find(filter, out var end);
        value = node < 0 ? null : _values.Get(_nodes[node].Links.Values, end);
        return value is not null;
    }

    /// <summary>Adds a filter or replaces its value.</summary>
    public void Set(ReadOnlySpan<byte> filter, T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var node = LevelStore<FilterTreeLinks>.Root;
        var end = FilterEnd.Exact;
        foreach (var range in filter.Split((byte)'/'))
        {
            var level = filter[range];
            end = EndAt(level, isLast: range.End.Value == filter.Length);
            if (end == FilterEnd.Exact)
                node = ChildOf(node, level) is var child and not 0 ? child : Add(node, level);
        }

        ref var links = ref _nodes[node].Links;
        if ((FilterTreeValues<T>.EndsOf(links.Values) & end) == 0)
            Count++;

        links.Values = _values.Set(links.Values, end, value);
    }

    public bool Remove(ReadOnlySpan<byte> filter)
    {
        var node = Find(filter, out var end);
        if (node < 0)
            return false;

        ref var links = ref _nodes[node].Links;
        if ((FilterTreeValues<T>.EndsOf(links.Values) & end) == 0)
            return false;

        links.Values = _values.Set(links.Values, end, null);
        Prune(node);
        if (--Count == 0 && _nodes.Capacity > KeptNodes)
            (_nodes, _values) = (new(BucketsAnItem), new());

        return true;
    }

    // What a level is to the one before it, if it is no node of its own.
    private static FilterEnd EndAt(ReadOnlySpan<byte> level, bool isLast) => level switch
    {
        [(byte)'#'] => FilterEnd.Many,
        [(byte)'+'] when isLast => FilterEnd.One,
        _ => FilterEnd.Exact,
    };

    // -1 if the tree has no such path.
    private int Find(ReadOnlySpan<byte> filter, out FilterEnd end)
    {
        var node = LevelStore<FilterTreeLinks>.Root;
        end = FilterEnd.Exact;
        foreach (var range in filter.Split((byte)'/'))
        {
            var level = filter[range];
            end = EndAt(level, isLast: range.End.Value == filter.Length);
            if (end == FilterEnd.Exact && (node = ChildOf(node, level)) == 0)
                return -1;
        }

        return node;
    }

    private int ChildOf(int node, ReadOnlySpan<byte> level) =>
        level is [(byte)'+'] ? _nodes[node].Links.Plus : _nodes.Find(node, level);

    private int Add(int parent, ReadOnlySpan<byte> level)
    {
        int child;
        if (level is [(byte)'+'])
        {
            child = _nodes.AddNameless(parent);
            _nodes[parent].Links.Plus = child;
        }
        else
        {
            child = _nodes.Add(parent, level);
            _nodes[parent].Links.NamedChildren++;
        }

        return child;
    }

    private void Prune(int node)
    {
        while (node != LevelStore<FilterTreeLinks>.Root && _nodes[node].Links.IsEmpty)
        {
            var parent = _nodes[node].Parent;
            ref var links = ref _nodes[parent].Links;
            if (links.Plus == node)
                links.Plus = 0;
            else
                links.NamedChildren--;

            _nodes.Remove(node);
            node = parent;
        }
    }
}
