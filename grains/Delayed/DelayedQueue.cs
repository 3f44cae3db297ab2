using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>
/// What waits in a slice, in the order in which it is due: places and sizes, the messages themselves are in the store. Pure:
/// no storage, no clock.
/// </summary>
internal sealed class DelayedQueue(DelayedOptions options)
{
    // QoS 2 that was published and may still be sent again by a publisher who has not heard of it.
    private const int Remembered = 10_000;

    // Of what is due at the same moment, the messages of one publisher keep their order.
    private readonly PriorityQueue<DelayedEntry, (long Due, ulong Sequence, long Place)> _waiting = new();
    private readonly HashSet<DelayedIdentity> _known = [];
    private readonly Queue<DelayedIdentity> _remembered = new();
    private long _lastPlace;

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>When the first is due, in milliseconds since 1970.</summary>
    public long? NextDue => _waiting.TryPeek(out _, out var priority) ? priority.Due : null;

    /// <summary>Whether it waits already, or was published not long ago.</summary>
    public bool IsKnown(in MessageRecord record) => record.Sequence != 0 && _known.Contains(DelayedIdentity.Of(record));

    public bool HasRoomFor(in MessageRecord record) =>
        Count < options.MaximumMessages && Bytes + record.Length <= options.MaximumBytes;

    /// <summary>Takes a new message in; <paramref name="now"/>, in microseconds, keeps the places rising across restarts.</summary>
    public DelayedEntry Add(in MessageRecord record, long now)
    {
        _lastPlace = Math.Max(now, _lastPlace + 1);
        var entry = DelayedEntry.Of(record, _lastPlace);
        Restore(entry, record.Position);
        return entry;
    }

    /// <summary>Takes up what is stored; what is on its way out already has no time to wait for.</summary>
    public void Restore(DelayedEntry entry, long? due)
    {
        _lastPlace = Math.Max(_lastPlace, entry.Place);
        Count++;
        Bytes += entry.Size;
        if (entry.Identity.Sequence != 0)
            _known.Add(entry.Identity);
        if (due is { } moment)
            _waiting.Enqueue(entry, (moment, entry.Identity.Sequence, entry.Place));
    }

    /// <summary>What is due, the earliest first, up to a number and a size that make one batch.</summary>
    public List<DelayedEntry> TakeDue(long now, int most, int mostBytes)
    {
        var due = new List<DelayedEntry>();
        var bytes = 0;
        while (due.Count < most && bytes < mostBytes && NextDue <= now)
        {
            var entry = _waiting.Dequeue();
            bytes += entry.Size;
            due.Add(entry);
        }

        return due;
    }

    /// <summary>It is published. Gives the identity to forget for it, if it is one to remember.</summary>
    public DelayedIdentity? Published(DelayedEntry entry)
    {
        Count--;
        Bytes -= entry.Size;
        if (entry.Identity is { ExactlyOnce: true, Sequence: > 0 })
            return Remember(entry.Identity);

        _known.Remove(entry.Identity);
        return null;
    }

    /// <summary>Notes a published message of QoS 2; gives the one to forget for it.</summary>
    public DelayedIdentity? Remember(DelayedIdentity identity)
    {
        _known.Add(identity);
        _remembered.Enqueue(identity);
        if (_remembered.Count <= Remembered)
            return null;

        var forgotten = _remembered.Dequeue();
        _known.Remove(forgotten);
        return forgotten;
    }
}

/// <summary>A message that waits.</summary>
internal readonly record struct DelayedEntry(long Place, int Size, DelayedIdentity Identity)
{
    public static DelayedEntry Of(in MessageRecord record, long place) =>
        new(place, record.Length, DelayedIdentity.Of(record));
}

/// <summary>Which message of which publisher; its sequences of QoS 2 are counted apart.</summary>
internal readonly record struct DelayedIdentity(ulong Publisher, ulong Sequence, bool ExactlyOnce)
{
    public static DelayedIdentity Of(in MessageRecord record) =>
        new(record.Publisher, record.Sequence, record.Has(RecordFlags.ExactlyOnce));
}
