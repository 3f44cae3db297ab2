using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>One subscriber's account of the streams it is to hear: each message once, in order.</summary>
internal sealed class Audit(int firstStream, int streams) : IAudit
{
    // A larger gap is not loss but a damaged sequence number, and would only fill our memory.
    private const long LargestGap = 1_000_000;

    private readonly long[] _next = new long[streams];
    private readonly Dictionary<int, HashSet<long>> _missing = [];
    private long _duplicated;
    private long _reordered;
    private long _misdelivered;

    public long Take(in Payload payload, out bool isNew)
    {
        isNew = false;
        var stream = payload.Stream - firstStream;
        if ((uint)stream >= (uint)_next.Length)
        {
            _misdelivered++;
            return 0;
        }

        if (payload.Sequence != _next[stream])
            return TakeOutOfTurn(stream, payload.Sequence, out isNew);

        isNew = true;
        _next[stream]++;
        return 1;
    }

    public void NoteMisdelivered() => _misdelivered++;

    public Faults Close(Func<int, long> sent)
    {
        var lost = _missing.Values.Sum(missing => (long)missing.Count);
        for (var stream = 0; stream < _next.Length; stream++)
            lost += sent(firstStream + stream) - _next[stream];

        return new Faults(lost, _duplicated, _reordered, _misdelivered, 0);
    }

    private long TakeOutOfTurn(int stream, long sequence, out bool isNew)
    {
        isNew = false;
        var passedOver = sequence - _next[stream];
        if (passedOver > LargestGap || sequence < 0)
        {
            _misdelivered++;
            return 0;
        }

        if (!_missing.TryGetValue(stream, out var missing))
            _missing[stream] = missing = [];

        if (passedOver < 0)
        {
            isNew = missing.Remove(sequence);
            if (isNew)
                _reordered++;
            else
                _duplicated++;

            return 0;
        }

        isNew = true;
        while (_next[stream] < sequence)
            missing.Add(_next[stream]++);

        _next[stream]++;
        return passedOver + 1;
    }
}
