namespace Orleans.Mqtt.Protocol.Topics;

/// <summary><c>$SYS</c> and all below it: the broker speaks there of itself, and nobody else does. Chapter 4.7.2.</summary>
public static class SysTopic
{
    /// <summary>Of a topic, or of a filter, which leads there only when it begins so. [MQTT-4.7.2-1]</summary>
    public static bool Is(ReadOnlySpan<byte> topic) =>
        topic.StartsWith("$SYS"u8) && (topic.Length == "$SYS"u8.Length || topic["$SYS"u8.Length] == '/');

    public static bool Is(ReadOnlySpan<char> topic) =>
        topic.StartsWith("$SYS", StringComparison.Ordinal) && (topic.Length == "$SYS".Length || topic["$SYS".Length] == '/');
}
