namespace Orleans.Mqtt.Protocol.Topics;

public sealed partial class FilterTree<T>
{
    /// <summary>
    /// Shows the visitor the value of each filter that matches, in no promised order. Allocates nothing. The work is
    /// bounded by the nodes on matching paths, each seen once.
    /// </summary>
    public void Match<TVisitor>(ReadOnlySpan<byte> topic, ref TVisitor visitor)
        where TVisitor : struct, IMatchVisitor<T>, allows ref struct
    {
        var levelRoom = default(StackRoom<Level>);
        var waitingRoom = default(StackRoom<FilterTreeStep>);
        var levels = new LevelCursor(topic, _nodes.Names, levelRoom);
        var waiting = new SpillList<FilterTreeStep>(waitingRoom);
        var node = LevelStore<FilterTreeLinks>.Root;
        var depth = 0;
        var mayBeWild = topic is not [(byte)'$', ..]; // for the first level only [MQTT-4.7.2-1]
        while (true)
        {
            var links = _nodes[node].Links;
            var goesOn = levels.Has(depth);
            if (links.Values != 0 && !Visit(links.Values, EndsAt(ref levels, depth, mayBeWild), ref visitor))
                break;

            var exact = 0;
            if (goesOn)
            {
                if (links.Plus != 0 && mayBeWild)
                    waiting.Add(new FilterTreeStep(links.Plus, depth + 1));

                if (links.NamedChildren != 0 && levels.NameAt(depth) is var name and not 0)
                    exact = _nodes.Find(node, name);
            }

            mayBeWild = true;
            if (exact == 0 && waiting.Count == 0)
                break;

            (node, depth) = exact != 0 ? new FilterTreeStep(exact, depth + 1) : waiting.Pop();
        }

        waiting.Dispose();
        levels.Dispose();
    }

    // '#' stands for its parent level too, so it needs no level behind it. MQTT 5 section 4.7.1.2
    private static FilterEnd EndsAt(ref LevelCursor levels, int depth, bool mayBeWild)
    {
        if (!levels.Has(depth))
            return mayBeWild ? FilterEnd.Exact | FilterEnd.Many : FilterEnd.Exact;

        return !mayBeWild ? FilterEnd.None : levels.Has(depth + 1) ? FilterEnd.Many : FilterEnd.Many | FilterEnd.One;
    }

    private bool Visit<TVisitor>(int values, FilterEnd ends, ref TVisitor visitor)
        where TVisitor : struct, IMatchVisitor<T>, allows ref struct
    {
        if ((ends & FilterEnd.Many) != 0 && _values.Get(values, FilterEnd.Many) is { } many && !visitor.Visit(many))
            return false;
        if ((ends & FilterEnd.One) != 0 && _values.Get(values, FilterEnd.One) is { } one && !visitor.Visit(one))
            return false;

        return (ends & FilterEnd.Exact) == 0 || _values.Get(values, FilterEnd.Exact) is not { } exact || visitor.Visit(exact);
    }
}
