namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>What the messages of a stream stand for.</summary>
internal enum StreamKind
{
    /// <summary>Said at any time, to subscribers that were there before (promise P1).</summary>
    Published,

    /// <summary>Each said to a subscription that was made just before it (promise P4).</summary>
    Prompt,

    /// <summary>Last words of one connection each (promise P6).</summary>
    Will,

    /// <summary>Said by a connection that another one had taken over: never to be acknowledged (promise P5).</summary>
    Late,
}

/// <summary>What one publisher says on one topic with one QoS, numbered from 0: the unit of order (promise P3).</summary>
internal sealed record MessageStream(
    int Index, string Publisher, string Topic, int QoS, StreamKind Kind = StreamKind.Published)
{
    /// <summary>Wills of two connections come when each is found to have ended; everything else has an order.</summary>
    public bool IsOrdered => Kind is not StreamKind.Will;

    /// <summary>Each prompt message has a topic of its own, below that of the stream.</summary>
    public string TopicOf(int number) => Kind is StreamKind.Prompt ? $"{Topic}/{number}" : Topic;
}
