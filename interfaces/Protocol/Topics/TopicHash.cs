namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>A topic's hash, for one who has several questions about the topic; another one in each process.</summary>
public static class TopicHash
{
    public static uint Of(ReadOnlySpan<byte> topic) => SeededHash.Of(topic);
}
