using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Storage;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// The queue of one persistent session at work: decides, has it stored, and only then lets it out to the connection.
/// Lives on the scheduler of its grain; every method decides before its first await.
/// </summary>
internal sealed class SessionDelivery(
    SessionJournal journal, SessionQueue queue, SeenPublishers seen, SessionOptions options, BrokerMetrics metrics,
    TimeProvider time)
{
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(500);

    private readonly RecordBlock _outgoing = new();
    private Func<MessageBatch, ValueTask<bool>>? _offer;
    private int _window;
    private Func<MessageBatch, ValueTask<bool>>? _offeringTo;
    private bool _isMarking;

    public SessionQueue Queue => queue;

    /// <summary>Publishers whose repetitions are recognised.</summary>
    public int RememberedPublishers => seen.Count;

    /// <summary>Topics of retained messages that came live while a subscription was reading; null when none is.</summary>
    public HashSet<string>? LiveRetained { get; set; }

    private bool IsOverfullWith(int more) => queue.Count + more > options.MaximumQueuedMessages;

    public async Task<ReasonCode[]?> EnqueueAsync(MessageBatch batch)
    {
        if (options.WhenFull is QueuePolicy.RejectNewest && IsOverfullWith(batch.Count))
            await ExpireStoredAsync();

        var change = new SessionChanges();
        var verdicts = Accept(batch, change);
        var tail = queue.Tail;
        await journal.CommitAsync(change);
        queue.Stored(tail);
        Offer();
        return verdicts;
    }

    /// <summary>Everything the connection may have goes to it now and as it comes, until <see cref="Disconnect"/>.</summary>
    public void Connect(int window, Func<MessageBatch, ValueTask<bool>> offer)
    {
        _window = window;
        _offer = offer;
        queue.Reconnect();
        Offer();
    }

    public void Disconnect() => _offer = null;

    public async Task SettleAsync(Settlement[] settlements)
    {
        var change = new SessionChanges();
        foreach (var settlement in settlements)
        {
            if (queue.Settle(settlement) && settlement.Kind is SettlementKind.Received)
                change.Set(SessionFields.Released(settlement.Position), []);
        }

        Trim(change);

        // Only PUBREL waits for the store, also when PUBREC is said again, while it is being stored. What else was settled would
        // merely be sent again, with DUP, after a crash.
        var stored = journal.CommitAsync(change);
        Offer();
        if (Array.Exists(settlements, settlement => settlement.Kind is SettlementKind.Received))
            await (change.IsEmpty ? journal.ConfirmAsync() : stored); // where it was no news, the session may have moved away
    }

    private ReasonCode[]? Accept(MessageBatch batch, SessionChanges change) =>
        Verdicts.Of(batch, bytes => Accept(bytes, change));

    private ReasonCode Accept(Memory<byte> bytes, SessionChanges change)
    {
        var record = new MessageRecord(bytes.Span);
        if (!seen.IsNew(record))
            return ReasonCode.Success;

        if (LiveRetained is not null && record.Has(RecordFlags.Retain) && !record.Has(RecordFlags.Retained))
            LiveRetained.Add(System.Text.Encoding.UTF8.GetString(record.Topic));

        if (IsOverfullWith(1) && !MakeRoom(change))
        {
            metrics.QueueFull();
            return ReasonCode.QuotaExceeded;
        }

        MessageRecord.PatchPosition(bytes.Span, queue.Tail);
        queue.Append(bytes);
        change.Append(bytes);
        Remember(record, change);
        return ReasonCode.Success;
    }

    private void Remember(in MessageRecord record, SessionChanges change)
    {
        var forgotten = seen.Take(record);
        if (forgotten != 0)
            change.Remove(SessionFields.Seen(forgotten));

        // Only QoS 2 must still be known when the record itself has left the queue.
        if (record.QoS is QoS.ExactlyOnce && record.Sequence != 0)
            change.Set(SessionFields.Seen(record.Publisher), SessionFields.Number((long)record.Sequence));
    }

    private bool MakeRoom(SessionChanges change)
    {
        if (queue.DropExpired(Clock.Seconds(time)))
            Trim(change);

        // One message that the client never settles keeps all behind it in the stored list, given up or not.
        if (queue.Length >= (2L * options.MaximumQueuedMessages) + options.MessagesInMemory)
            return false;
        if (!IsOverfullWith(1))
            return true;
        if (options.WhenFull is not QueuePolicy.DropOldest || !queue.DropOldest())
            return false;

        metrics.QueueFull();
        Trim(change);
        return true;
    }

    /// <summary>Looks through what is stored and not in memory, as long as everything there has expired.</summary>
    private async Task ExpireStoredAsync()
    {
        while (queue.ExpiredPage(Clock.Seconds(time)).Count > 0)
        {
            await journal.CommitAsync(new SessionChanges()); // as in PageInAsync
            var (position, count) = queue.ExpiredPage(Clock.Seconds(time));
            var page = await journal.ReadQueueAsync(position - queue.Head, count);
            queue.DropExpired(page.Select(record => (ReadOnlyMemory<byte>)record), Clock.Seconds(time));
            if (page.Count == 0)
                break;
        }

        TrimUnawaited();
    }

    private void Trim(SessionChanges change)
    {
        metrics.Expired(queue.TakeExpired());
        var exactlyOnce = new List<long>();
        change.Trim += queue.Trim(exactlyOnce);
        foreach (var position in exactlyOnce)
            change.Remove(SessionFields.Released(position));
    }

    private void Offer()
    {
        // One offer a connection, not one in all: a call into a gateway that has died hangs for long, and the connection
        // that took over must not wait for it.
        if (_offer is not { } offer || ReferenceEquals(offer, _offeringTo))
            return;

        _offeringTo = offer;
        _ = OfferAsync(offer); // ends with the connection or when nothing is left to send; failures are retried in it
    }

    /// <summary>
    /// One offer to a connection is under way at a time, so that none overtakes another; pages in what is not in memory.
    /// </summary>
    private async Task OfferAsync(Func<MessageBatch, ValueTask<bool>> offer)
    {
        while (ReferenceEquals(_offer, offer))
        {
            Mark(); // first: what is stored at once, before anyone waits for it, asks for an offer while this one is under way
            if (TakeSendable() is { } batch)
            {
                if (!await DeliverAsync(offer, batch) && ReferenceEquals(_offer, offer))
                    _offer = null; // the connection is gone; its gateway says so in a moment
            }
            else if (queue.MissingPage().Count > 0)
            {
                await PageInAsync();
            }
            else
            {
                break;
            }
        }

        if (ReferenceEquals(_offeringTo, offer))
            _offeringTo = null;
    }

    private MessageBatch? TakeSendable()
    {
        var now = Clock.Seconds(time);
        while (queue.TrySend(_window, now, out var bytes, out var flags))
            MessageRecord.PatchFlags(_outgoing.Add(new MessageRecord(bytes.Span)), flags);
        TrimUnawaited();
        if (_outgoing.IsEmpty)
            return null;

        var batch = MessageBatch.From(_outgoing);
        _outgoing.Release();
        return batch;
    }

    // QoS 0 is done with the sending, and what has expired without it: no settlement follows that would trim them, and the
    // memory would fill up with them.
    private void TrimUnawaited()
    {
        if (!queue.CanTrim)
            return;

        var change = new SessionChanges();
        Trim(change);
        _ = journal.CommitAsync(change); // a failure ends the activation; what was sent is sent again then
    }

    /// <summary>Has stored how far the sending may go, before it has got there: a stop at the mark is a rare thing.</summary>
    private void Mark()
    {
        if (!_isMarking && queue.NextMark(_window) is { } mark)
        {
            _isMarking = true;
            _ = MarkAsync(mark); // a failure ends the activation
        }
    }

    private async Task MarkAsync(long mark)
    {
        var change = new SessionChanges();
        change.Set(SessionFields.SentBelow, SessionFields.Number(mark));
        await journal.CommitAsync(change);
        queue.Marked(mark);
        _isMarking = false;
        Offer();
    }

    /// <summary>Offers until it is known whether the connection has it: it takes each position once, however often it comes.</summary>
    private async Task<bool> DeliverAsync(Func<MessageBatch, ValueTask<bool>> offer, MessageBatch batch)
    {
        while (ReferenceEquals(_offer, offer))
        {
            try
            {
                return await offer(batch);
            }
            catch (Exception unknown) when (unknown is not StaleEpochException)
            {
                metrics.OfferRetried();
            }

            await Task.Delay(_retry, time);
        }

        return false;
    }

    private async Task PageInAsync()
    {
        try
        {
            // Behind every trim that was decided, so that the index fits the stored list.
            await journal.CommitAsync(new SessionChanges());
            var (position, count) = queue.MissingPage();
            if (count == 0)
                return;

            var page = await journal.ReadQueueAsync(position - queue.Head, count);
            queue.AddPage(page.Select(record => (ReadOnlyMemory<byte>)record));
            if (page.Count > 0)
                return;
            await journal.ConfirmAsync(); // it may have moved away with the session: that ends this activation
        }
        catch (Exception failure) when (failure is StoreUnavailableException or StaleOwnerException)
        {
            // the page is in the store, for us or for the next activation
        }

        await Task.Delay(_retry, time);
    }
}
