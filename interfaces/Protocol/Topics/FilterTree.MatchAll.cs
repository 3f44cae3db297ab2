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
    /// together. Allocates nothing.
    /// </summary>
    /// <returns>False if there were too many ways to go: then the visitor has seen a part, and nothing counts.</returns>
    public bool MatchAll<TVisitor>(scoped ReadOnlySpan<byte> text, scoped ReadOnlySpan<TopicPlace> topics, ref TVisitor visitor)
        where TVisitor : struct, IMatchesVisitor<T>, allows ref struct
    {
        var firstRoom = default(FilterTreeWays);
        var secondRoom = default(FilterTreeWays);
        Span<FilterTreeWay> ways = firstRoom, following = secondRoom;
        if (topics.Length > ways.Length)
            return false;

        var count = Begin(text, topics, ways);
        while (count > 0)
        {
            FindNames(text, ways[..count]);
            FindChildren(ways[..count]);
            VisitAll(ways[..count], ref visitor);
            count = GoOn(ways[..count], following);
            if (count < 0)
                return false;

            var done = ways;
            ways = following;
            following = done;
        }

        return true;
    }

    private static int Begin(ReadOnlySpan<byte> text, ReadOnlySpan<TopicPlace> topics, Span<FilterTreeWay> ways)
    {
        for (var i = 0; i < topics.Length; i++)
        {
            ways[i] = new FilterTreeWay
            {
                Topic = i,
                Node = LevelStore<FilterTreeLinks>.Root,
                At = topics[i].Start,
                End = topics[i].Start + topics[i].Length,
                MayBeWild = text[topics[i].Start..] is not [(byte)'$', ..], // for the first level only [MQTT-4.7.2-1]
            };
        }

        return topics.Length;
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

            way.Hash = SeededHash.Of(way.LevelIn(text));
            way.Name = _nodes.Names.Head(way.Hash);
        }

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

        foreach (ref var way in ways)
        {
            if (way.Child != 0)
                way.Child = _nodes.FindFrom(way.Child, way.Node, way.Name);
        }
    }

    private void VisitAll<TVisitor>(scoped ReadOnlySpan<FilterTreeWay> ways, ref TVisitor visitor)
        where TVisitor : struct, IMatchesVisitor<T>, allows ref struct
    {
        foreach (ref readonly var way in ways)
        {
            if (way.Links.Values == 0)
                continue;

            // '#' stands for its parent level too, so it needs no level behind it. MQTT 5 section 4.7.1.2
            if (way.MayBeWild && _values.Get(way.Links.Values, FilterEnd.Many) is { } many)
                visitor.Visit(way.Topic, many);
            if (!way.GoesOn && _values.Get(way.Links.Values, FilterEnd.Exact) is { } exact)
                visitor.Visit(way.Topic, exact);
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
public readonly record struct TopicPlace(int Start, int Length);

/// <summary>Shown what matches the topics of a search for many.</summary>
public interface IMatchesVisitor<in T>
{
    void Visit(int topic, T value);
}
