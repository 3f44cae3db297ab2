using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>
/// The account of a group that shares a subscription: each message once at one member. Order is kept within a member only,
/// for nobody promises more.
/// </summary>
internal sealed class GroupAudit(int streams) : IAudit
{
    // A larger sequence is damaged, and would only fill our memory.
    private const long Largest = 1L << 32;

    private readonly Lock _gate = new(); // members may be on several threads
    private readonly Taken[] _taken = [.. Enumerable.Range(0, streams).Select(_ => new Taken())];
    private long _duplicated;
    private long _misdelivered;

    public long Take(in Payload payload, out bool isNew)
    {
        isNew = false;
        lock (_gate)
        {
            if ((uint)payload.Stream >= (uint)_taken.Length || (ulong)payload.Sequence > Largest)
                _misdelivered++;
            else if (_taken[payload.Stream].Add(payload.Sequence))
                isNew = true;
            else
                _duplicated++;
            return isNew ? 1 : 0;
        }
    }

    public void NoteMisdelivered()
    {
        lock (_gate)
            _misdelivered++;
    }

    public Faults Close(Func<int, long> sent)
    {
        lock (_gate)
        {
            var lost = Enumerable.Range(0, _taken.Length).Sum(stream => sent(stream) - _taken[stream].Count);
            return new Faults(lost, _duplicated, 0, _misdelivered, 0);
        }
    }

    /// <summary>Numbers from 0 on, mostly without holes: those below a mark, and the few above it.</summary>
    private sealed class Taken
    {
        private readonly HashSet<long> _above = [];
        private long _below;

        public long Count => _below + _above.Count;

        public bool Add(long number)
        {
            if (number < _below || (number != _below && !_above.Add(number)))
                return false;

            if (number == _below)
                _below++;
            while (_above.Remove(_below))
                _below++;
            return true;
        }
    }
}
