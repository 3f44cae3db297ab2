namespace Orleans.Mqtt.Protocol.Topics;

public sealed partial class FilterTree<T>
{
    // A tree of this size and less stays in the processor's caches, and one topic after the other is faster.
    private const int NodesInCache = 32 * 1024;

    /// <summary>Whether its memory is so far away that it is worth it to look for many topics at once.</summary>
    public bool IsLarge => _nodes.Capacity > NodesInCache;

    /// <summary>
    /// Looks for many topics side by side, level by level. In a tree of a million filters a search waits for memory most of
    /// its time, at each of its steps; here the steps of all topics are next to each other, and the processor waits for them
    /// together. What they all begin with is looked for once. Allocates nothing.
    /// </summary>
    /// <returns>False if there were too many ways to go: then the visitor has seen a part, and nothing counts.</returns>
    public bool MatchAll<TVisitor>(scoped ReadOnlySpan<byte> text, scoped ReadOnlySpan<TopicPlace> topics, ref TVisitor visitor)
        where TVisitor : struct, IMatchesVisitor<T>, allows ref struct
    {
        var firstRoom = default(FilterTreeWays);
        var secondRoom = default(FilterTreeWays);
        Span<FilterTreeWay> ways = firstRoom, following = secondRoom;
        if (topics.IsEmpty || topics.Length > ways.Length)
            return topics.IsEmpty;

        var shared = SharedLevels(text, topics);
        var goTogether = topics.Length; // as one way, that of the first
        ways[0] = FilterTreeWay.Of(topics[0], text);
        var count = 1;
        while (count > 0)
        {
            if (goTogether > 1 && ways[0].At == topics[0].Start + shared)
            {
                count = Part(ways[..count], text, topics, shared, following);
                goTogether = 1;
            }
            else
            {
                FindNames(text, ways[..count]);
                FindChildren(ways[..count]);
                VisitAll(ways[..count], goTogether, ref visitor);
                count = GoOn(ways[..count], following);
            }

            if (count < 0)
                return false;

            var done = ways;
            ways = following;
            following = done;
        }

        return true;
    }

    // The length of the levels that all begin with, each with the '/' behind it.
    private static int SharedLevels(ReadOnlySpan<byte> text, ReadOnlySpan<TopicPlace> topics)
    {
        var shared = topics[0].In(text);
        foreach (var topic in topics[1..])
            shared = shared[..shared.CommonPrefixLength(topic.In(text))];

        return shared.LastIndexOf((byte)'/') + 1;
    }

    // From here on each topic goes its own ways.
    private static int Part(
        ReadOnlySpan<FilterTreeWay> ways, ReadOnlySpan<byte> text, ReadOnlySpan<TopicPlace> topics, int shared,
        Span<FilterTreeWay> following)
    {
        var count = 0;
        if (ways.Length * topics.Length > following.Length)
            return -1;

        for (var topic = 0; topic < topics.Length; topic++)
        {
            foreach (ref readonly var way in ways)
            {
                ref var own = ref following[count++];
                own = FilterTreeWay.Of(topics[topic], text);
                own.Topic = topic;
                own.Node = way.Node;
                own.At += shared;
                own.MayBeWild |= shared > 0;
            }
        }

        return count;
    }

    // Each loop asks for memory without using it: that is left to the next loop.
    private void FindNames(ReadOnlySpan<byte> text, Span<FilterTreeWay> ways)
    {
        foreach (ref var way in ways)
        {
            way.Links = _nodes[way.Node].Links;
            way.Name = 0;
            way.Next = way.End + 1;
            if (!way.GoesOn)
                continue;

            var slash = text[way.At..way.End].IndexOf((byte)'/');
            if (slash >= 0)
                way.Next = way.At + slash + 1;
            if (way.Links.NamedChildren == 0)
                continue;

            way.Name = _nodes.Names.Head(SeededHash.Of(way.LevelIn(text)));
        }

        foreach (ref var way in ways)
            way.Following = _nodes.Names.Following(way.Name);

        foreach (ref var way in ways)
        {
            if (way.Name != 0)
                way.Name = _nodes.Names.FindFrom(way.Name, way.LevelIn(text));
        }
    }

    private void FindChildren(Span<FilterTreeWay> ways)
    {
        foreach (ref var way in ways)
            way.Child = way.Name == 0 ? 0 : _nodes.Head(way.Node, way.Name);

        for (var isDone = false; !isDone;)
        {
            // No branch depends on what is read here: the processor would guess, be wrong, and have waited for one at a time.
            foreach (ref var way in ways)
            {
                ref readonly var node = ref _nodes[way.Child];
                way.IsMet = (node.Parent == way.Node) & (node.Name == way.Name);
                way.Following = node.Next;
            }

            isDone = true;
            foreach (ref var way in ways)
            {
                if (way.Child == 0 || way.IsMet)
                    continue;

                way.Child = way.Following; // in the same chain, but another's child
                isDone = false;
            }
        }
    }

    // A way stands for the first topic, or for so many from there on.
    private void VisitAll<TVisitor>(scoped Span<FilterTreeWay> ways, int topics, ref TVisitor visitor)
        where TVisitor : struct, IMatchesVisitor<T>, allows ref struct
    {
        foreach (ref var way in ways)
        {
            way.Found = FilterTreeValues<T>.EndsOf(way.Links.Values) & way.Ends;
            way.Value = way.Found == FilterEnd.None ? null : _values.At(way.Links.Values);
        }

        foreach (ref var way in ways)
        {
            for (; way.Found != FilterEnd.None; way.Found &= way.Found - 1)
            {
                var end = (FilterEnd)((int)way.Found & -(int)way.Found); // one of them
                var value = FilterTreeValues<T>.Get(way.Value!, way.Links.Values, end);
                for (var i = 0; i < topics; i++)
                    visitor.Visit(way.Topic + i, value);
            }
        }
    }

    private static int GoOn(ReadOnlySpan<FilterTreeWay> ways, Span<FilterTreeWay> following)
    {
        var count = 0;
        foreach (ref readonly var way in ways)
        {
            if (!way.GoesOn)
                continue;

            if (count + 2 > following.Length)
                return -1;
            if (way.Child != 0)
                following[count++] = way.To(way.Child);
            if (way.Links.Plus != 0 && way.MayBeWild)
                following[count++] = way.To(way.Links.Plus);
        }

        return count;
    }
}

/// <summary>Where a topic stands in a text of many.</summary>
public readonly record struct TopicPlace(int Start, int Length)
{
    internal ReadOnlySpan<byte> In(ReadOnlySpan<byte> text) => text.Slice(Start, Length);
}

/// <summary>Shown what matches the topics of a search for many.</summary>
public interface IMatchesVisitor<in T>
{
    void Visit(int topic, T value);
}
