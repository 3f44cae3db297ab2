using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// A session's queue of messages: what is stored, what of it is in memory, and what the client has of that. Pure: no
/// storage, no clock, no Orleans. Positions are dense from <see cref="Head"/> to <see cref="Tail"/>; the entries in memory
/// begin at the head, a long backlog stays in the store and is paged in.
/// </summary>
internal sealed partial class SessionQueue(int messagesInMemory)
{
    // Acknowledgements out of order let the sending run ahead of the head, and what is trimmed is stored a little later:
    // with room for this many windows the store is told of the sending once in many messages.
    private const int WindowsAhead = 4;

    private readonly Ring<QueueEntry> _entries = new();

    // What was stored as released by an earlier activation and is not in memory yet.
    private readonly HashSet<long> _releasedBehind = [];
    private long _next;

    // Entries that only wait for one before them: they hold nothing, and what comes behind them is paged in all the same.
    private int _done;

    // In memory nothing before it can be given up any more: it was, or it was sent.
    private long _dropBelow;

    // Of what is not in memory all before it was given up.
    private long _goneBelow;

    /// <summary>Position of the first stored record.</summary>
    public long Head { get; private set; }

    /// <summary>Position that the next record gets.</summary>
    public long Tail { get; private set; }

    /// <summary>Everything before it is stored and may be sent.</summary>
    public long StoredTail { get; private set; }

    /// <summary>Records in the stored list, those included that wait behind another to be trimmed.</summary>
    public long Length => Tail - Head;

    /// <summary>Messages that were sent on this connection and are not settled.</summary>
    public int InFlight { get; private set; }

    /// <summary>Messages that are neither settled nor given up.</summary>
    public long Count { get; private set; }

    /// <summary>Everything before it may have been sent, on this connection or an earlier one.</summary>
    public long SentBelow { get; private set; }

    /// <summary>
    /// What is sent lies before it: it is stored that all before it may have been sent, so that DUP is right after a crash.
    /// [MQTT-3.3.1-1]
    /// </summary>
    public long MarkedBelow { get; private set; }

    /// <summary>Messages of it that are in memory.</summary>
    public int InMemory => _entries.Count;

    /// <summary>Whether <see cref="Trim"/> has something to forget.</summary>
    public bool CanTrim => _entries.Count > 0
        ? Head < StoredTail && _entries[0].State is EntryState.Done
        : Head < _goneBelow;

    private long Loaded => Head + _entries.Count;

    private int RoomInMemory => messagesInMemory - (_entries.Count - _done);

    /// <summary>Takes up a stored queue. Entries before <paramref name="sentBelow"/> may have been sent.</summary>
    public void Load(long head, long count, IEnumerable<ReadOnlyMemory<byte>> first, long sentBelow, IReadOnlySet<long> released)
    {
        Head = _next = _dropBelow = _goneBelow = head;
        Tail = StoredTail = head + count;
        SentBelow = Math.Clamp(sentBelow, head, Tail); // what comes now was never sent, however far the mark went
        MarkedBelow = sentBelow;
        Count = count;
        _releasedBehind.UnionWith(released);
        foreach (var record in first)
            TakeUp(record);
    }

    /// <summary>The mark that a connection with this window begins with.</summary>
    public long FirstMark(int window) => Math.Max(SentBelow, Head + (WindowsAhead * window));

    /// <summary>The mark to store next, or null while the one that is stored is far enough ahead.</summary>
    public long? NextMark(int window) =>
        _next < StoredTail && MarkedBelow - _next < WindowsAhead * window / 2 ? _next + (WindowsAhead * window) : null;

    /// <summary>It is stored that everything before <paramref name="mark"/> may have been sent.</summary>
    public void Marked(long mark) => MarkedBelow = mark;

    /// <summary>Appends one record and gives its position. It may be sent when <see cref="Stored"/> was told.</summary>
    public long Append(ReadOnlyMemory<byte> record)
    {
        if (Loaded == Tail && RoomInMemory > 0)
            Enqueue(new QueueEntry(record));
        else if (FirstBehind == Tail)
            _behindExpires = ExpiryOf(record);
        Count++;
        return Tail++;
    }

    public void Stored(long tail) => StoredTail = Math.Max(StoredTail, tail);

    /// <summary>
    /// Makes room: the oldest message that was never sent is given up. What may have been sent stays, for the client may
    /// hold half of it. False when there is none.
    /// </summary>
    public bool DropOldest()
    {
        var end = Math.Min(StoredTail, Loaded);
        for (_dropBelow = Math.Max(_next, _dropBelow); _dropBelow < end; _dropBelow++)
        {
            ref var entry = ref EntryAt(_dropBelow);
            if (!entry.CanBeGivenUp)
                continue;
            GiveUp(ref entry);
            return true;
        }

        if (!CanGiveUpBehind)
            return false;

        _goneBelow = FirstBehind + 1;
        _behindExpires = Unknown;
        Count--;
        return true;
    }

    /// <summary>
    /// The next record to send within a window: its flags say whether with DUP. False when there is none, or none in memory
    /// (see <see cref="MissingPage"/>).
    /// </summary>
    public bool TrySend(int window, uint now, out ReadOnlyMemory<byte> record, out RecordFlags flags)
    {
        record = default;
        flags = default;
        SkipWhatIsOver(now);
        if (_next >= Math.Min(StoredTail, Loaded))
            return false;

        ref var entry = ref EntryAt(_next);
        var isBlocked = InFlight >= window || _next - Head >= PacketIdentifiers.Span - 1 || _next >= MarkedBelow;
        if (entry.State is EntryState.Waiting && isBlocked)
            return false;

        record = entry.Record;
        flags = new MessageRecord(record.Span).Flags;
        _next++;
        if (entry.State is EntryState.Released)
        {
            flags |= RecordFlags.Release;
            return true;
        }

        if (entry.WasSent && (flags & RecordFlags.QoSMask) != 0)
            flags |= RecordFlags.Dup; // with QoS 0 there is none [MQTT-3.3.1-2]
        SentBelow = Math.Max(SentBelow, _next);
        Sent(ref entry, flags);
        return true;
    }

    /// <summary>The part of the stored list to page in next: its first position and how many; count 0 when none is needed.</summary>
    public (long Position, int Count) MissingPage() =>
        _next == Loaded && Loaded < StoredTail && RoomInMemory > 0
            ? (Loaded, (int)Math.Min(RoomInMemory, StoredTail - Loaded))
            : default;

    /// <summary>Adds records that were read; those that do not continue what is in memory are ignored.</summary>
    public void AddPage(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        foreach (var record in records)
        {
            if (new MessageRecord(record.Span).Position != Loaded || Loaded >= Tail)
                continue;

            TakeUp(record);
        }

        if (_goneBelow <= Loaded)
            _behindExpires = Unknown;
    }

    /// <summary>Notes what the client said; false when it does not fit, as for a packet that was settled before.</summary>
    public bool Settle(Settlement settlement)
    {
        var index = settlement.Position - Head;
        if (index < 0 || index >= _entries.Count)
            return false;

        ref var entry = ref _entries[(int)index];
        var after = (settlement.Kind, entry.State) switch
        {
            (SettlementKind.Acknowledged, EntryState.Sent) when QoSOf(entry) is QoS.AtLeastOnce => EntryState.Done,
            (SettlementKind.Received, EntryState.Sent) when QoSOf(entry) is QoS.ExactlyOnce => EntryState.Released,
            (SettlementKind.Completed, EntryState.Released) => EntryState.Done,
            (SettlementKind.Refused, EntryState.Sent) => EntryState.Done,
            _ => entry.State,
        };
        if (after == entry.State)
            return false;

        entry.State = after;
        if (after is EntryState.Done)
        {
            End(ref entry);
            Count--;
            if (entry.IsInFlight)
                InFlight--;
        }

        return true;
    }

    /// <summary>
    /// Forgets what is done at the front: the number of records to trim from the stored list. The positions of those with
    /// QoS 2 are added to <paramref name="exactlyOnce"/>.
    /// </summary>
    public int Trim(ICollection<long> exactlyOnce)
    {
        var trimmed = 0;
        while (_entries.Count > 0 && _entries[0].State is EntryState.Done && Head < StoredTail)
        {
            if (_entries.Dequeue().WasExactlyOnce)
                exactlyOnce.Add(Head);
            _done--;
            Head++;
            trimmed++;
        }

        // What was given up without ever being in memory follows: else the stored list of a session that is away would grow
        // for ever.
        if (_entries.Count == 0 && Head < _goneBelow)
        {
            trimmed += (int)(_goneBelow - Head);
            Head = _goneBelow;
        }

        _next = Math.Max(_next, Head);
        return trimmed;
    }

    /// <summary>
    /// A new connection: everything that is open is sent again, in order. [MQTT-4.4.0-1] A PUBREL that is owed takes no
    /// place in the new window: else one behind a PUBLISH that waits for room would never be sent.
    /// </summary>
    public void Reconnect()
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            ref var entry = ref _entries[i];
            entry.IsInFlight = false;
            if (entry.State is EntryState.Sent)
                entry.State = EntryState.Waiting;
        }

        InFlight = 0;
        _next = Head;
    }

    private static QoS QoSOf(in QueueEntry entry) => new MessageRecord(entry.Record.Span).QoS;

    private void Sent(ref QueueEntry entry, RecordFlags flags)
    {
        entry.WasSent = true;
        if ((flags & RecordFlags.QoSMask) == 0)
        {
            End(ref entry); // QoS 0 is done with the sending
            Count--;
            return;
        }

        entry.State = EntryState.Sent;
        entry.IsInFlight = true;
        InFlight++;
    }

    private void TakeUp(ReadOnlyMemory<byte> record)
    {
        var isReleased = _releasedBehind.Remove(Loaded);
        var entry = new QueueEntry(record)
        {
            State = isReleased ? EntryState.Released : EntryState.Waiting,
            WasSent = isReleased || Loaded < SentBelow,
        };
        if (Loaded < _goneBelow)
            End(ref entry);
        Enqueue(entry);
    }

    private ref QueueEntry EntryAt(long position) => ref _entries[(int)(position - Head)];
}
