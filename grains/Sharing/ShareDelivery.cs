using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Storage;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// A share at work: gives what waits to members, notes what they say, and takes back what they did not finish. Lives on the
/// scheduler of its grain; every method decides before its first await.
/// </summary>
internal sealed class ShareDelivery
{
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(500);

    private readonly SessionJournal _journal;
    private readonly ShareQueue _queue;
    private readonly ShareMembers _members;
    private readonly ShareIntake _intake;
    private readonly ShareOffers _offers;
    private readonly BrokerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Queue<ShareMember> _touched = new();
    private bool _isPaging;
    private bool _isOver;

    public ShareDelivery(
        string filter, SessionJournal journal, ShareQueue queue, ShareMembers members, ShareIntake intake,
        BrokerMetrics metrics, TimeProvider time, long firstOffer)
    {
        _journal = journal;
        _queue = queue;
        _members = members;
        _intake = intake;
        _metrics = metrics;
        _time = time;
        _offers = new ShareOffers(filter, journal, metrics, time, firstOffer, OnSent, OnRefused, OnLost);
    }

    public long Queued => _queue.Count;

    public async Task<ReasonCode[]?> EnqueueAsync(MessageBatch batch)
    {
        var change = new SessionChanges();
        var verdicts = _intake.Accept(batch, change);
        var tail = _queue.Tail;
        await _journal.CommitAsync(change);
        _queue.Stored(tail);
        Dispatch();
        return verdicts;
    }

    public async Task SettleAsync(string clientId, Settlement[] settlements)
    {
        var change = new SessionChanges();
        foreach (var settlement in settlements)
            Settle(clientId, settlement, change);

        // Only PUBREL waits for the store, and where it was no news, for whether the share is still ours: it may have moved away.
        // What else was settled would merely be given out again after a crash.
        var stored = CommitAsync(change);
        if (Array.Exists(settlements, settlement => settlement.Kind is SettlementKind.Received))
            await (change.IsEmpty ? _journal.ConfirmAsync() : stored);
    }

    /// <summary>The member can be reached: what stayed with it comes first, under the identifiers that it knows.</summary>
    public void Connect(ShareMember member, ShareLink link)
    {
        if (member.Link is not null)
            Step(change => TakeBack(member, change));

        member.Link = link;
        foreach (var flight in FlightsOf(member).OrderBy(flight => flight.Position))
        {
            flight.MayBeRepeated = true;
            member.Backlog.Enqueue(flight);
        }

        _members.Refresh();
        Touch(member);
        Dispatch();
    }

    /// <summary>The member cannot be reached: what it has not finished goes to others.</summary>
    public Task DisconnectAsync(ShareMember member, SessionChanges change)
    {
        TakeBack(member, change);
        return CommitAsync(change);
    }

    /// <summary>
    /// The member has unsubscribed: it gets nothing new, but what was sent to it is finished with it. [MQTT-3.10.4-3]
    /// </summary>
    public Task LeaveAsync(ShareMember member, SessionChanges change)
    {
        _members.Refresh();
        foreach (var flight in FlightsOf(member).Where(flight => flight.State is FlightState.Given))
            Return(flight, change);
        member.Backlog.Clear();
        return CommitAsync(change);
    }

    /// <summary>The member's session has ended, and with it what must not go to another. [MQTT-4.8.2-5]</summary>
    public Task EndAsync(ShareMember member, SessionChanges change)
    {
        TakeBack(member, change);
        foreach (var flight in FlightsOf(member))
        {
            _metrics.DiscardedWithMember();
            Finish(flight, change);
        }

        _members.Remove(member);
        return CommitAsync(change);
    }

    /// <summary>Another activation goes on, or nobody does.</summary>
    public void Stop()
    {
        _isOver = true;
        foreach (var member in _members.All)
            member.Link = null;
    }

    /// <summary>Nothing waits and nothing is in flight.</summary>
    public bool IsDone => _queue.Count == 0;

    public bool HasFlights(ShareMember member) => FlightsOf(member).Length > 0;

    /// <summary>Gives out what waits, as far as members can take it, and sends.</summary>
    public void Dispatch()
    {
        if (_isOver)
            return;

        var change = new SessionChanges();
        while (_queue.TryPeek(out var bytes))
        {
            var record = new MessageRecord(bytes.Span);
            if (record.Expiry != 0 && record.Expiry <= Clock.Milliseconds(_time) / 1000)
            {
                _queue.Drop(change);
                continue;
            }

            if (_members.Choose(record) is not { } member)
                break;
            member.Backlog.Enqueue(_queue.Give(member));
            Touch(member);
        }

        _queue.Trim(change);
        _ = _journal.CommitAsync(change); // a failure ends the activation; what is trimmed here is then given up again

        while (_touched.TryDequeue(out var member))
        {
            member.IsTouched = false;
            _offers.Start(member);
        }

        PageIn();
    }

    private void Settle(string clientId, Settlement settlement, SessionChanges change)
    {
        if (!_queue.TryGet(settlement.Position, out var flight))
        {
            if (settlement.Kind is SettlementKind.Acknowledged)
                _queue.FinishEarly(settlement.Position, change);
            return;
        }

        var isItsOwn = flight!.Member.ClientId == clientId;
        switch (settlement.Kind, flight.State)
        {
            // Whoever has it, has it: it may have been given to another since.
            case (SettlementKind.Acknowledged, _) when flight.QoS is QoS.AtLeastOnce:
            case (SettlementKind.Completed, FlightState.Released) when isItsOwn:
            case (SettlementKind.Refused, FlightState.Sent) when isItsOwn:
                Finish(flight, change);
                break;
            case (SettlementKind.Received, FlightState.Sent) when isItsOwn && flight.QoS is QoS.ExactlyOnce:
                flight.State = FlightState.Released;
                change.Set(ShareFields.Given(flight.Position), new GivenTo(clientId, flight.PacketId, true).ToArray());
                break;
            default:
                break; // said before, or of what another connection has
        }
    }

    private void TakeBack(ShareMember member, SessionChanges change)
    {
        member.Link = null;
        _members.Refresh();
        foreach (var flight in FlightsOf(member))
        {
            if (flight.QoS is QoS.AtMostOnce && flight.State is not FlightState.Given)
                Finish(flight, change); // at most once
            else if (!flight.StaysWithMember)
                Return(flight, change);
        }

        member.Backlog.Clear();
    }

    private void OnSent(List<ShareFlight> flights)
    {
        var sent = flights.FindAll(flight => flight is { QoS: QoS.AtMostOnce, State: FlightState.Sent });
        if (sent.Count == 0)
            return;

        // QoS 0 is done with the sending, and no settlement follows that would make room for more.
        Step(change => sent.ForEach(flight => Finish(flight, change)));
    }

    private void OnRefused(List<ShareFlight> flights) =>
        Step(change => flights.ForEach(flight => Return(flight, change)));

    private void OnLost(ShareMember member) => Step(change => TakeBack(member, change));

    private void Return(ShareFlight flight, SessionChanges change)
    {
        _metrics.TakenBack();
        flight.Member.Release(flight);
        _queue.Return(flight, change);
    }

    private void Finish(ShareFlight flight, SessionChanges change)
    {
        flight.Member.Release(flight);
        _queue.Finish(flight, change);
        Touch(flight.Member);
    }

    private ShareFlight[] FlightsOf(ShareMember member) => [.. _queue.Flights.Where(flight => flight.Member == member)];

    /// <summary>
    /// Stores a step, then goes on from it. Not the other way round: a message that was taken back and is given to another
    /// must be stored as both, in this order.
    /// </summary>
    private Task CommitAsync(SessionChanges change)
    {
        if (_members.HighestQoS is null)
            _queue.DropWaiting(change); // nobody is left whom it could wait for
        _queue.Trim(change);
        var stored = _journal.CommitAsync(change);
        Dispatch();
        return stored;
    }

    private void Step(Action<SessionChanges> step)
    {
        var change = new SessionChanges();
        step(change);
        _ = CommitAsync(change); // a failure ends the activation, and the next one reads what is true
    }

    private void Touch(ShareMember member)
    {
        if (member.IsTouched)
            return;
        member.IsTouched = true;
        _touched.Enqueue(member);
    }

    private void PageIn()
    {
        if (_isPaging || _members.Online.Count == 0 || _queue.MissingPage().Count == 0)
            return;
        _isPaging = true;
        _ = PageInAsync(); // ends with the page; what is missing then is asked for by the dispatch behind it
    }

    private async Task PageInAsync()
    {
        var isRead = false;
        try
        {
            // Behind every trim that was decided, so that the index fits the stored list.
            await _journal.CommitAsync(new SessionChanges());
            var (position, count) = _queue.MissingPage();
            var page = await _journal.ReadQueueAsync(position - _queue.Head, count);
            _queue.AddPage(page.Select(record => (ReadOnlyMemory<byte>)record));
            isRead = page.Count > 0;
        }
        catch (Exception failure) when (failure is StoreUnavailableException or StaleOwnerException)
        {
            // The page is still in the store, for us or for the next activation.
        }

        if (!isRead)
            await Task.Delay(_retry, _time);
        _isPaging = false;
        Dispatch();
    }
}
