namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>One key and what it holds: bytes, a <see cref="Deque"/>, a dictionary, a hash set or <see cref="SortedMembers"/>.</summary>
internal sealed class Entry(byte[] key, object value, int snapshot)
{
    public byte[] Key { get; } = key;

    public object Value { get; set; } = value;

    /// <summary>Unix milliseconds, or 0 for never.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>Goes up with each change, for WATCH.</summary>
    public long Version { get; set; }

    /// <summary>The last snapshot that has it, or that it is too young for.</summary>
    public int Snapshot { get; set; } = snapshot;

    public bool IsEmpty => Value switch
    {
        Deque list => list.Count is 0,
        Dictionary<byte[], byte[]> hash => hash.Count is 0,
        HashSet<byte[]> set => set.Count is 0,
        SortedMembers members => members.Count is 0,
        _ => false,
    };
}
