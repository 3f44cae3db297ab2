using System.Collections.Concurrent;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// The envelopes that are on their way, one a lane at most. What a silo finds to be for this gateway comes back as a
/// reference to them (decision 51).
/// </summary>
internal sealed class HeldEnvelopes
{
    private readonly ConcurrentDictionary<int, Envelope> _envelopes = [];

    public void Hold(int lane, long sequence, RecordBlock block) => _envelopes[lane] = new Envelope(sequence, block);

    /// <summary>Ends it: references to it are void. True when nobody reads it, so that its memory may be used again.</summary>
    public bool Release(int lane) => _envelopes.TryRemove(lane, out var envelope) && envelope.End();

    /// <summary>False when the reference is void. Else the records stay as they are until the loan is returned.</summary>
    public bool TryLend(in RecordReference reference, out Loan loan)
    {
        loan = default;
        return _envelopes.TryGetValue(reference.Lane, out var envelope) && envelope.TryLend(reference, out loan);
    }

    /// <summary>Records that are read.</summary>
    internal readonly ref struct Loan(Envelope envelope, ReadOnlySpan<byte> records)
    {
        public RecordEnumerator Records { get; } = new(records);

        public void Dispose() => envelope?.TakeBack();
    }

    internal sealed class Envelope(long sequence, RecordBlock block)
    {
        private readonly Lock _gate = new();
        private int _readers;
        private bool _isOver;

        public bool TryLend(in RecordReference reference, out Loan loan)
        {
            loan = default;
            lock (_gate)
            {
                if (_isOver || reference.Sequence != sequence)
                    return false;
                loan = new Loan(this, block.Bytes.Slice(reference.Offset, reference.Length));
                _readers++;
                return true;
            }
        }

        public void TakeBack()
        {
            lock (_gate)
                _readers--;
        }

        public bool End()
        {
            lock (_gate)
            {
                _isOver = true;
                return _readers == 0;
            }
        }
    }
}
