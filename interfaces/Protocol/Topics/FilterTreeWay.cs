using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>One of the ways that a search for many topics has come so far.</summary>
internal struct FilterTreeWay
{
    public int Topic, Node, Name, Child;
    public int At, Next, End; // of the level, of the one behind it, of the topic
    public int Following; // in the chain of the name or the child
    public FilterTreeLinks Links;
    public FilterEnd Found;
    public object? Value;
    public bool MayBeWild, IsMet;

    /// <summary>There is a level of the topic that the node does not stand for.</summary>
    public readonly bool GoesOn => At <= End;

    /// <summary>The kinds of filters that match here. '#' stands for its parent level, too. MQTT 5 section 4.7.1.2</summary>
    public readonly FilterEnd Ends => !GoesOn
        ? MayBeWild ? FilterEnd.Exact | FilterEnd.Many : FilterEnd.Exact
        : !MayBeWild ? FilterEnd.None : Next > End ? FilterEnd.Many | FilterEnd.One : FilterEnd.Many;

    public readonly ReadOnlySpan<byte> LevelIn(ReadOnlySpan<byte> text) => text[At..(Next - 1)];

    /// <summary>Where the way of a topic begins.</summary>
    public static FilterTreeWay Of(TopicPlace topic, ReadOnlySpan<byte> text) => new()
    {
        Node = LevelStore<FilterTreeLinks>.Root,
        At = topic.Start,
        End = topic.Start + topic.Length,
        MayBeWild = text[topic.Start..] is not [(byte)'$', ..], // for the first level only [MQTT-4.7.2-1]
    };

    public readonly FilterTreeWay To(int node) => new() { Topic = Topic, Node = node, At = Next, End = End, MayBeWild = true };
}

/// <summary>Room on the stack for the ways of a few topics; most have one each.</summary>
[InlineArray(Length)]
internal struct FilterTreeWays
{
    private const int Length = 64;

    private FilterTreeWay _first;
}
