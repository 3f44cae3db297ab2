using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Client.Link;

/// <summary>
/// Tells a message that is routed again, because whoever routed it first was not heard of, from a new one. All live
/// subscribers here got the first, so none gets the second (promises P2 and P3). Bounded: the oldest publisher is
/// forgotten.
/// </summary>
internal sealed class RepeatFilter
{
    private const int Limit = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Key, ulong> _last = [];
    private readonly Queue<Key> _order = new();

    public (int Count, int Limit) Load
    {
        get
        {
            lock (_gate)
                return (_last.Count, Limit);
        }
    }

    public bool IsNew(in MessageRecord record)
    {
        // A shared copy has the number of a member there.
        if (record.Sequence == 0 || record.Has(RecordFlags.Shared))
            return true;

        var key = new Key(record.Publisher, record.Has(RecordFlags.ExactlyOnce));
        lock (_gate)
        {
            if (_last.TryGetValue(key, out var last))
            {
                if (record.Sequence <= last)
                    return false;
            }
            else
            {
                if (_order.Count >= Limit)
                    _last.Remove(_order.Dequeue());
                _order.Enqueue(key);
            }

            _last[key] = record.Sequence;
            return true;
        }
    }

    /// <summary>The sequences of QoS 2 count apart from those of QoS 1.</summary>
    private readonly record struct Key(ulong Publisher, bool ExactlyOnce);
}
