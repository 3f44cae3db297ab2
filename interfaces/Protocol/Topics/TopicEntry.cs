namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>One filter or topic of a tree with its value; the bytes are borrowed until the enumerator moves on.</summary>
public readonly ref struct TopicEntry<T>
    where T : class
{
    internal TopicEntry(ReadOnlySpan<byte> text, T value)
    {
        Text = text;
        Value = value;
    }

    /// <summary>The filter (in a filter tree) or the topic (in a topic tree).</summary>
    public ReadOnlySpan<byte> Text { get; }

    public T Value { get; }
}
