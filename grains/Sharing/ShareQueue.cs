using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// The queue of a share: stored as a list, served to many, so that messages are finished in any order. Pure: no storage, no
/// clock, no Orleans; what is to be stored is written into the changes that it is given.
/// </summary>
/// <remarks>
/// Positions are dense. Before <c>_read</c> each is in flight, returned, or done; from there on all wait, the first of them
/// in memory, the others in the store. Done ones leave the list from its head. When too many wait behind one that is not
/// finished, that one is parked: stored by itself, so that the list goes on.
/// </remarks>
internal sealed class ShareQueue(int messagesInMemory)
{
    /// <summary>Whether a stored message was given away; if so as which flight, null when its member is no more.</summary>
    public delegate bool Givings(long position, ReadOnlyMemory<byte> record, out ShareFlight? flight);

    private readonly Ring<ReadOnlyMemory<byte>> _fresh = new();
    private readonly SortedDictionary<long, ReadOnlyMemory<byte>> _returned = [];
    private readonly Dictionary<long, ShareFlight> _flights = [];
    private readonly Dictionary<long, bool> _done = []; // in the list yet; true: that it was given is stored
    private readonly List<long> _unmarked = []; // done since the last trim, and it is stored that they were given
    private readonly HashSet<long> _parked = [];
    private readonly HashSet<long> _early = []; // acknowledged by a member that an earlier activation gave it to
    private long _read;

    /// <summary>Position of the first record of the stored list.</summary>
    public long Head { get; private set; }

    /// <summary>Position that the next record gets.</summary>
    public long Tail { get; private set; }

    /// <summary>Everything before it is stored and may be sent.</summary>
    public long StoredTail { get; private set; }

    /// <summary>Messages that are not finished.</summary>
    public long Count => Tail - Head - _done.Count + _parked.Count;

    /// <summary>What members have.</summary>
    public IReadOnlyCollection<ShareFlight> Flights => _flights.Values;

    private long Loaded => _read + _fresh.Count;

    /// <summary>
    /// Takes up a stored queue: the first records of the list, at least up to the last that was given to a member, and what
    /// is parked. <paramref name="givings"/> says who was given what.
    /// </summary>
    public void Load(
        long head, long length, IEnumerable<ReadOnlyMemory<byte>> first,
        IEnumerable<KeyValuePair<long, ReadOnlyMemory<byte>>> parked, long lastGiven, Givings givings,
        SessionChanges change)
    {
        Head = _read = head;
        Tail = StoredTail = head + length;
        foreach (var (position, record) in parked)
        {
            _parked.Add(position);
            TakeUp(position, record, givings, change);
        }

        foreach (var record in first)
        {
            if (_read <= lastGiven)
                TakeUp(_read++, record, givings, change);
            else if (_fresh.Count < messagesInMemory)
                _fresh.Enqueue(record);
        }
    }

    /// <summary>Appends one record and gives its position. It may be sent when <see cref="Stored"/> was told.</summary>
    public long Append(ReadOnlyMemory<byte> record)
    {
        if (Loaded == Tail && _fresh.Count < messagesInMemory)
            _fresh.Enqueue(record);
        return Tail++;
    }

    public void Stored(long tail) => StoredTail = Math.Max(StoredTail, tail);

    /// <summary>The message that is next, those that were returned before all others. False when none is in memory.</summary>
    public bool TryPeek(out ReadOnlyMemory<byte> record)
    {
        while (TryPeekAny(out var position, out record))
        {
            if (!_early.Remove(position))
                return true;
            Take();
            _done.Add(position, false);
        }

        return false;
    }

    /// <summary>Gives the message that is next to a member.</summary>
    public ShareFlight Give(ShareMember member)
    {
        var (position, record) = Take();
        var flight = new ShareFlight(position, record, member);
        _flights.Add(position, flight);
        return flight;
    }

    /// <summary>Gives up the message that is next.</summary>
    public void Drop(SessionChanges change)
    {
        var (position, _) = Take();
        Done(position, false, change);
    }

    public bool TryGet(long position, out ShareFlight? flight) => _flights.TryGetValue(position, out flight);

    /// <summary>A member did not finish it: it waits again, in its old place.</summary>
    public void Return(ShareFlight flight, SessionChanges change)
    {
        _flights.Remove(flight.Position);
        flight.State = FlightState.Finished;
        if (flight.IsStored)
            change.Remove(ShareFields.Given(flight.Position));
        _returned.Add(flight.Position, flight.Record);
    }

    public void Finish(ShareFlight flight, SessionChanges change)
    {
        _flights.Remove(flight.Position);
        flight.State = FlightState.Finished;
        Done(flight.Position, flight.IsStored, change);
    }

    /// <summary>A member has acknowledged what this activation does not know it to have: nobody is to get it again.</summary>
    public void FinishEarly(long position, SessionChanges change)
    {
        if (_returned.Remove(position))
            Done(position, false, change);
        else if (position >= _read && position < Tail)
            _early.Add(position);
    }

    /// <summary>The part of the stored list to page in next: its first position and how many; count 0 when none is needed.</summary>
    public (long Position, int Count) MissingPage() => _fresh.Count <= messagesInMemory / 2 && Loaded < StoredTail
        ? (Loaded, (int)Math.Min(messagesInMemory - _fresh.Count, StoredTail - Loaded))
        : default;

    /// <summary>Adds records that were read; those that do not continue what is in memory are ignored.</summary>
    public void AddPage(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        foreach (var record in records)
        {
            if (new MessageRecord(record.Span).Position == Loaded && Loaded < Tail)
                _fresh.Enqueue(record);
        }
    }

    /// <summary>Forgets what is done at the head of the list, and parks what keeps too much behind it.</summary>
    public void Trim(SessionChanges change)
    {
        while (_done.ContainsKey(Head) && Head < StoredTail)
            TrimOne(change);

        if (_done.Count > Math.Max(messagesInMemory, _flights.Count))
            ParkBelow(_done.Keys.Max() + 1, change);
        MarkDone(change);
    }

    /// <summary>Gives up all that waits.</summary>
    public void DropWaiting(SessionChanges change)
    {
        foreach (var position in _returned.Keys.ToArray())
        {
            _returned.Remove(position);
            Done(position, false, change);
        }

        ParkBelow(_read, change);
        change.Trim += (int)(Tail - Head);
        Head = _read = StoredTail = Tail;
        _fresh.Clear();
        _early.Clear();
    }

    private void TakeUp(long position, ReadOnlyMemory<byte> record, Givings givings, SessionChanges change)
    {
        if (!givings(position, record, out var flight))
            _returned.Add(position, record);
        else if (flight is not null)
            _flights.Add(position, flight);
        else
            Done(position, true, change);
    }

    private bool TryPeekAny(out long position, out ReadOnlyMemory<byte> record)
    {
        foreach (var first in _returned)
        {
            (position, record) = first;
            return true;
        }

        position = _read;
        record = _fresh.Count > 0 ? _fresh[0] : default;
        return _fresh.Count > 0 && _read < StoredTail;
    }

    private (long Position, ReadOnlyMemory<byte> Record) Take()
    {
        TryPeekAny(out var position, out var record);
        if (_returned.Remove(position))
            return (position, record);

        _fresh.Dequeue();
        return (_read++, record);
    }

    private void Done(long position, bool isGivenStored, SessionChanges change)
    {
        if (!_parked.Remove(position))
        {
            _done.Add(position, isGivenStored);
            if (isGivenStored)
                _unmarked.Add(position);
            return;
        }

        change.Remove(ShareFields.Parked(position));
        if (isGivenStored)
            change.Remove(ShareFields.Given(position));
    }

    private void TrimOne(SessionChanges change)
    {
        // That a QoS 2 message was given is forgotten with the message: sooner, it would be given again after a crash.
        if (_done.Remove(Head, out var isGivenStored) && isGivenStored)
            change.Remove(ShareFields.Given(Head));
        Head++;
        change.Trim++;
    }

    // What was finished and must stay in the list is stored as finished: its packet identifier is in use again, and a member
    // that was told to let go of it after a crash would let go of another message.
    private void MarkDone(SessionChanges change)
    {
        foreach (var position in _unmarked.Where(_done.ContainsKey))
            change.Set(ShareFields.Given(position), GivenTo.Nobody.ToArray());
        _unmarked.Clear();
    }

    private void ParkBelow(long end, SessionChanges change)
    {
        while (Head < end)
        {
            if (!_done.ContainsKey(Head))
            {
                var record = _flights.TryGetValue(Head, out var flight) ? flight.Record : _returned[Head];
                change.Set(ShareFields.Parked(Head), record.ToArray());
                _parked.Add(Head);
            }

            TrimOne(change);
        }
    }
}
