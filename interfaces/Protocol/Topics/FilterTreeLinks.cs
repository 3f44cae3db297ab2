namespace Orleans.Mqtt.Protocol.Topics;

// Outside of FilterTree<T>, where they would depend on T and cost a look-up of their type at every use.

/// <summary>
/// What a filter tree knows of a level. '#' is no node, and neither is '+' at the end: they are other values of the level
/// before.
/// </summary>
internal struct FilterTreeLinks
{
    public int Plus;
    public int NamedChildren;
    public int Values;

    public readonly bool IsEmpty => (Plus | NamedChildren | Values) == 0;
}

/// <summary>A node that is still to be visited, and how many levels of the topic lead there.</summary>
internal readonly record struct FilterTreeStep(int Node, int Depth);
