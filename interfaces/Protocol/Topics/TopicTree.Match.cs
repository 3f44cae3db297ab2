namespace Orleans.Mqtt.Protocol.Topics;

public sealed partial class TopicTree<T>
{
    /// <summary>Shows the visitor the value of each topic that the filter matches, in no promised order.</summary>
    /// <remarks>
    /// Allocates nothing. The way back is found by parents and siblings instead of a stack: '+' means to go on with the
    /// next sibling, a plain level to go further up.
    /// </remarks>
    public void Match<TVisitor>(ReadOnlySpan<byte> filter, ref TVisitor visitor)
        where TVisitor : struct, IMatchVisitor<T>, allows ref struct
    {
        var levelRoom = default(StackRoom<Level>);
        var levels = new LevelCursor(filter, _nodes.Names, levelRoom);
        var node = LevelStore<Links>.Root;
        var depth = 0;
        while (node >= 0)
        {
            var child = 0;
            if (!levels.Has(depth))
            {
                if (_nodes[node].Links.Value is { } value && !visitor.Visit(value))
                    break;
            }
            else if (levels.TextAt(depth) is [(byte)'#'])
            {
                if (!VisitFrom(node, ref visitor))
                    break;
            }
            else if (levels.TextAt(depth) is [(byte)'+'])
            {
                child = Shown(_nodes[node].Links.FirstChild, node);
            }
            else if (levels.NameAt(depth) is var name and not 0)
            {
                child = _nodes.Find(node, name);
            }

            if (child == 0)
                node = NextUnderPlus(node, ref depth, ref levels);
            else
                (node, depth) = (child, depth + 1);
        }

        levels.Dispose();
    }

    // -1 if the search is at its end.
    private int NextUnderPlus(int node, ref int depth, scoped ref LevelCursor levels)
    {
        for (; depth > 0; depth--)
        {
            ref var last = ref _nodes[node];
            if (levels.TextAt(depth - 1) is [(byte)'+'] && Shown(last.Links.NextSibling, last.Parent) is var next and not 0)
                return next;

            node = last.Parent;
        }

        return -1;
    }

    private bool VisitFrom<TVisitor>(int top, ref TVisitor visitor)
        where TVisitor : struct, IMatchVisitor<T>, allows ref struct
    {
        var node = top;
        while (true)
        {
            ref var links = ref _nodes[node].Links;
            if (links.Value is { } value && !visitor.Visit(value))
                return false;

            var next = Shown(links.FirstChild, node);
            while (next == 0)
            {
                if (node == top)
                    return true;

                ref var done = ref _nodes[node];
                next = Shown(done.Links.NextSibling, done.Parent);
                node = done.Parent;
            }

            node = next;
        }
    }

    // Wildcards at the beginning of a filter pass by all topics that begin with '$'. [MQTT-4.7.2-1]
    private int Shown(int child, int parent)
    {
        if (parent != LevelStore<Links>.Root)
            return child;

        while (child != 0 && _nodes.Names[_nodes[child].Name] is [(byte)'$', ..])
            child = _nodes[child].Links.NextSibling;

        return child;
    }
}
