namespace Orleans.Mqtt.Grains.Topics;

/// <summary>
/// When to look at which topic because its retained message may have expired. One entry a topic, however often its message
/// changes: an entry that comes too early is put in again by whoever looks.
/// </summary>
internal sealed class RetainedExpiry
{
    private readonly PriorityQueue<string, uint> _queue = new();
    private readonly Dictionary<string, uint> _earliest = [];

    public int Count => _queue.Count;

    /// <param name="topic">The topic.</param>
    /// <param name="expiry">Seconds since 1970; 0: never.</param>
    public void Add(string topic, uint expiry)
    {
        if (expiry == 0 || (_earliest.TryGetValue(topic, out var known) && known <= expiry))
            return;

        _earliest[topic] = expiry;
        _queue.Enqueue(topic, expiry);
    }

    /// <summary>The next topic to look at, if its time has come.</summary>
    public bool TryTake(uint now, out string topic)
    {
        if (!_queue.TryPeek(out topic!, out var expiry) || expiry > now)
            return false;

        _queue.Dequeue();
        if (_earliest.TryGetValue(topic, out var known) && known == expiry)
            _earliest.Remove(topic);
        return true;
    }
}
