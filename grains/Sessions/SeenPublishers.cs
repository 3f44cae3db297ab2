using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// The last sequence of each publisher that a queue has taken, so that a repeated record is told from a new one
/// (promise P2). Bounded: beyond the limit the publisher that was silent for longest is forgotten, which the sequences
/// tell, since they begin at the time of the publisher's connection.
/// </summary>
internal sealed class SeenPublishers(int limit)
{
    private readonly Dictionary<Key, ulong> _last = [];

    public int Count => _last.Count;

    /// <summary>False when the record, or a later one of its publisher, was taken before.</summary>
    public bool IsNew(in MessageRecord record) =>
        record.Sequence == 0 || !_last.TryGetValue(Key.Of(record), out var last) || record.Sequence > last;

    /// <summary>Remembers; gives the publisher of QoS 2 that was forgotten for it, 0 for none.</summary>
    public ulong Take(in MessageRecord record) =>
        record.Sequence == 0 ? 0 : Take(Key.Of(record), record.Sequence);

    public void Restore(ulong publisher, ulong sequence) => Take(new Key(publisher, true), sequence);

    private ulong Take(Key key, ulong sequence)
    {
        if (_last.TryGetValue(key, out var last))
        {
            _last[key] = Math.Max(last, sequence);
            return 0;
        }

        var forgotten = _last.Count < limit ? default : Forget();
        _last.Add(key, sequence);
        return forgotten.ExactlyOnce ? forgotten.Publisher : 0;
    }

    private Key Forget()
    {
        var oldest = _last.MinBy(pair => pair.Value).Key;
        _last.Remove(oldest);
        return oldest;
    }

    private readonly record struct Key(ulong Publisher, bool ExactlyOnce)
    {
        public static Key Of(in MessageRecord record) =>
            new(record.Publisher, record.Has(RecordFlags.ExactlyOnce));
    }
}
