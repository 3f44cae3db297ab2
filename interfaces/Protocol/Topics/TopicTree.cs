using System.Diagnostics.CodeAnalysis;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>
/// Topics with one value each, found by a filter that matches them. Takes legal topics and filters only. No locks: any
/// number may read while nobody writes.
/// </summary>
public sealed partial class TopicTree<T>
    where T : class
{
    // A tree larger than this gives its memory back when it runs empty.
    private const int KeptNodes = 4096;

    private LevelStore<Links> _nodes = new();

    public int Count { get; private set; }

    /// <summary>Nodes there is memory for; stays when topics come and go.</summary>
    internal int NodeCapacity => _nodes.Capacity;

    public bool TryGet(ReadOnlySpan<byte> topic, [MaybeNullWhen(false)] out T value)
    {
        value = Find(topic) is var node and not LevelStore<Links>.Root ? _nodes[node].Links.Value : null;
        return value is not null;
    }

    /// <summary>Adds a topic or replaces its value.</summary>
    public void Set(ReadOnlySpan<byte> topic, T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var node = LevelStore<Links>.Root;
        foreach (var range in topic.Split((byte)'/'))
            node = _nodes.Find(node, topic[range]) is var child and not 0 ? child : Add(node, topic[range]);

        ref var links = ref _nodes[node].Links;
        if (links.Value is null)
            Count++;

        links.Value = value;
    }

    public bool Remove(ReadOnlySpan<byte> topic)
    {
        var node = Find(topic);
        if (node == LevelStore<Links>.Root || _nodes[node].Links.Value is null)
            return false;

        _nodes[node].Links.Value = null;
        Prune(node);
        if (--Count == 0 && _nodes.Capacity > KeptNodes)
            _nodes = new();

        return true;
    }

    // The root if there is no such path: no topic ends there.
    private int Find(ReadOnlySpan<byte> topic)
    {
        var node = LevelStore<Links>.Root;
        foreach (var range in topic.Split((byte)'/'))
        {
            node = _nodes.Find(node, topic[range]);
            if (node == LevelStore<Links>.Root)
                break;
        }

        return node;
    }

    private int Add(int parent, ReadOnlySpan<byte> level)
    {
        var child = _nodes.Add(parent, level);
        ref var first = ref _nodes[parent].Links.FirstChild;
        _nodes[child].Links.NextSibling = first;
        if (first != 0)
            _nodes[first].Links.PreviousSibling = child;

        first = child;
        return child;
    }

    private void Prune(int node)
    {
        while (node != LevelStore<Links>.Root && _nodes[node].Links is { Value: null, FirstChild: 0 } links)
        {
            var parent = _nodes[node].Parent;
            if (links.PreviousSibling == 0)
                _nodes[parent].Links.FirstChild = links.NextSibling;
            else
                _nodes[links.PreviousSibling].Links.NextSibling = links.NextSibling;

            if (links.NextSibling != 0)
                _nodes[links.NextSibling].Links.PreviousSibling = links.PreviousSibling;

            _nodes.Remove(node);
            node = parent;
        }
    }

    private struct Links
    {
        public T? Value;
        public int FirstChild;
        public int NextSibling;
        public int PreviousSibling;
    }
}
