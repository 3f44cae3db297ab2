namespace Orleans.Mqtt.Grains.Storage;

/// <summary>What one commit changes in a session. The memory in it must stay as it is until the commit completes.</summary>
internal readonly record struct SessionChange
{
    public SessionChange()
    {
    }

    /// <summary>Records that join the end of the queue, in this order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Append { get; init; } = [];

    /// <summary>How many records leave the head of the queue.</summary>
    public int Trim { get; init; }

    /// <summary>State fields that get a new value.</summary>
    public IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> Set { get; init; } = [];

    /// <summary>State fields that go.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Remove { get; init; } = [];

    public bool IsEmpty => Append.Count is 0 && Trim is 0 && Set.Count is 0 && Remove.Count is 0;
}
