namespace Orleans.Mqtt.Messages;

/// <summary>Records side by side, owned and never changed after they were handed over: what a grain call carries.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.message-batch")]
public sealed class MessageBatch(ReadOnlyMemory<byte> bytes, int count)
{
    public static readonly MessageBatch Empty = new(default, 0);

    [Id(0)]
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    [Id(1)]
    public int Count { get; } = count;

    public RecordEnumerator GetEnumerator() => new(Bytes.Span);

    /// <summary>Copies what a pooled block holds.</summary>
    public static MessageBatch From(RecordBlock block) => new(block.ToArray(), block.Count);
}
