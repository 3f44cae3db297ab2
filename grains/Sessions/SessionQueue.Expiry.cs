using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Sessions;

// Messages whose time is over: they are left out when their turn comes, and make room before that. [MQTT-3.3.2-5]
internal sealed partial class SessionQueue
{
    private const uint Unknown = 0, Never = uint.MaxValue;

    // No message in memory that was not sent expires before it.
    private uint _memoryExpires = Never;

    // When the first message expires that is neither in memory nor given up. Those behind it are not looked at before.
    private uint _behindExpires = Unknown;
    private int _expired;

    // The first that is neither in memory nor given up.
    private long FirstBehind => Math.Max(Loaded, _goneBelow);

    // Not what may have been sent before a crash: it is given up only where each message is known.
    private bool CanGiveUpBehind => FirstBehind < StoredTail && FirstBehind >= SentBelow;

    /// <summary>How many messages were given up because their time was over, since the last call.</summary>
    public int TakeExpired()
    {
        var expired = _expired;
        _expired = 0;
        return expired;
    }

    /// <summary>Gives up what is in memory, was never sent and has expired. True when there is more room now.</summary>
    public bool DropExpired(uint now)
    {
        if (now < _memoryExpires)
            return false;

        _memoryExpires = Never;
        var before = Count;
        for (var position = _next; position < Loaded; position++)
        {
            ref var entry = ref EntryAt(position);
            if (!entry.CanBeGivenUp)
                continue;

            var expires = ExpiryOf(entry.Record);
            if (expires <= now && position < StoredTail)
                Expire(ref entry);
            else
                _memoryExpires = Math.Min(_memoryExpires, expires);
        }

        return Count < before;
    }

    /// <summary>
    /// The part of the stored list to look at for messages that have expired without ever being in memory: its first
    /// position and how many; count 0 when there is no need.
    /// </summary>
    public (long Position, int Count) ExpiredPage(uint now) =>
        CanGiveUpBehind && _behindExpires <= now
            ? (FirstBehind, (int)Math.Min(messagesInMemory, StoredTail - FirstBehind))
            : default;

    /// <summary>
    /// Gives up what has expired, up to the first that has not: what is given up out of memory is known by one position.
    /// </summary>
    public void DropExpired(IEnumerable<ReadOnlyMemory<byte>> page, uint now)
    {
        foreach (var bytes in page)
        {
            var record = new MessageRecord(bytes.Span);
            if (record.Position != FirstBehind || !CanGiveUpBehind)
                continue;

            if (!record.HasExpired(now))
            {
                _behindExpires = ExpiryOf(bytes);
                return;
            }

            _goneBelow = FirstBehind + 1;
            _behindExpires = Unknown;
            _expired++;
            Count--;
        }
    }

    private void SkipWhatIsOver(uint now)
    {
        while (_next < Loaded)
        {
            ref var entry = ref EntryAt(_next);
            if (entry.CanBeGivenUp && _next < StoredTail && new MessageRecord(entry.Record.Span).HasExpired(now))
                Expire(ref entry);
            if (entry.State is not EntryState.Done)
                return;
            _next++;
        }
    }

    private void Enqueue(in QueueEntry entry)
    {
        _entries.Enqueue(entry);
        if (entry.State is not EntryState.Done)
            _memoryExpires = Math.Min(_memoryExpires, ExpiryOf(entry.Record));
    }

    private void Expire(ref QueueEntry entry)
    {
        GiveUp(ref entry);
        _expired++;
    }

    private void GiveUp(ref QueueEntry entry)
    {
        End(ref entry);
        Count--;
    }

    private void End(ref QueueEntry entry)
    {
        entry = new QueueEntry { State = EntryState.Done, WasExactlyOnce = QoSOf(entry) is QoS.ExactlyOnce, IsInFlight = entry.IsInFlight };
        _done++;
    }

    private static uint ExpiryOf(ReadOnlyMemory<byte> record) =>
        new MessageRecord(record.Span).Expiry is > 0 and var expires ? expires : Never;
}
