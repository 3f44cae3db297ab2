namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>One level of a tree: whose child it is, what it is called, and what its kind of tree knows of it.</summary>
internal struct LevelNode<TLinks>
    where TLinks : struct
{
    public int Parent;
    public int Name; // 0 is '+', which has no entry in the table of children
    public int Next; // in the chain of a bucket, or in the free list
    public TLinks Links;
}

/// <summary>The nodes of a tree as numbers: structs in pieces of an array and one table for all children of all nodes.</summary>
internal sealed class LevelStore<TLinks> : IChained
    where TLinks : struct
{
    public const int Root = 0;

    private readonly ChunkedList<LevelNode<TLinks>> _nodes = new();
    private readonly ChainTable _children;
    private int _free;

    public LevelStore(int bucketsAnItem = 1)
    {
        _nodes.Extend(1);
        _children = new ChainTable(bucketsAnItem);
        Names = new LevelNames(bucketsAnItem);
    }

    public LevelNames Names { get; }

    /// <summary>Nodes ever made, in use or free; their numbers are below.</summary>
    public int Capacity => _nodes.Count;

    /// <summary>Valid until the next <see cref="Add"/>.</summary>
    public ref LevelNode<TLinks> this[int node] => ref _nodes[node];

    /// <summary>0 if there is no such child: the root is nobody's.</summary>
    public int Find(int parent, int name) => FindFrom(Head(parent, name), parent, name);

    /// <summary>Where to begin to look for a child; 0 if there is none.</summary>
    public int Head(int parent, int name) => _children.Head(SeededHash.Of(parent, name));

    /// <summary>Looks from there on.</summary>
    public int FindFrom(int child, int parent, int name)
    {
        while (child != 0)
        {
            ref var node = ref _nodes[child];
            if (node.Parent == parent && node.Name == name)
                break;

            child = node.Next;
        }

        return child;
    }

    public int Find(int parent, ReadOnlySpan<byte> name)
    {
        var known = Names.Find(name);
        return known == 0 ? 0 : Find(parent, known);
    }

    public int Add(int parent, ReadOnlySpan<byte> name)
    {
        var child = AddNameless(parent);
        var known = Names.Acquire(name);
        _nodes[child].Name = known;
        _children.Add(child, SeededHash.Of(parent, known), this);
        return child;
    }

    /// <summary>Adds the '+' of a node; the caller remembers where it is.</summary>
    public int AddNameless(int parent)
    {
        var child = _free;
        if (child == 0)
            child = _nodes.Extend(1);
        else
            _free = _nodes[child].Next;

        _nodes[child] = new LevelNode<TLinks> { Parent = parent };
        return child;
    }

    public void Remove(int node)
    {
        ref var removed = ref _nodes[node];
        if (removed.Name != 0)
        {
            _children.Remove(node, SeededHash.Of(removed.Parent, removed.Name), this);
            Names.Release(removed.Name);
        }

        removed = new LevelNode<TLinks> { Next = _free };
        _free = node;
    }

    /// <summary>The text from the root to a node and perhaps one level more; the buffer grows as needed.</summary>
    public ReadOnlySpan<byte> PathTo(int node, scoped ReadOnlySpan<byte> lastLevel, scoped ref byte[] buffer)
    {
        var length = lastLevel.IsEmpty ? -1 : lastLevel.Length;
        for (var at = node; at != Root; at = _nodes[at].Parent)
            length += NameOf(at).Length + 1;

        if (buffer.Length < length)
            buffer = new byte[Math.Max(length, buffer.Length * 2)];

        var path = buffer.AsSpan(0, length);
        var end = length - lastLevel.Length;
        lastLevel.CopyTo(path[end..]);
        end -= lastLevel.IsEmpty ? 0 : 1;
        for (var at = node; at != Root; at = _nodes[at].Parent)
        {
            if (end < length)
                path[end] = (byte)'/';

            var name = NameOf(at);
            end -= name.Length;
            name.CopyTo(path[end..]);
            end--;
        }

        return path;
    }

    uint IChained.HashOf(int item) => SeededHash.Of(_nodes[item].Parent, _nodes[item].Name);

    ref int IChained.NextOf(int item) => ref _nodes[item].Next;

    private ReadOnlySpan<byte> NameOf(int node) => _nodes[node].Name == 0 ? "+"u8 : Names[_nodes[node].Name];
}
