using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// Tells a QoS 2 message that is routed again, because its publisher never heard of the first time, from a new one. All
/// live subscribers here got the first, so none gets the second (promise P2). Bounded: the oldest publisher is forgotten.
/// </summary>
internal sealed class RepeatFilter
{
    private const int Limit = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ulong> _last = [];
    private readonly Queue<ulong> _order = new();

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
        if (record.Sequence == 0)
            return true;

        lock (_gate)
        {
            if (_last.TryGetValue(record.Publisher, out var last))
            {
                if (record.Sequence <= last)
                    return false;
            }
            else
            {
                if (_order.Count >= Limit)
                    _last.Remove(_order.Dequeue());
                _order.Enqueue(record.Publisher);
            }

            _last[record.Publisher] = record.Sequence;
            return true;
        }
    }
}
