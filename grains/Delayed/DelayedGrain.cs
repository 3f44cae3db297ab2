using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Storage;
using Field = System.Collections.Generic.KeyValuePair<System.ReadOnlyMemory<byte>, System.ReadOnlyMemory<byte>>;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>Keeps the messages of one slice until they are due, then publishes them, each once.</summary>
/// <remarks>
/// Reentrant, so that many messages share a round trip to the store. One durable timer wakes it for the first that is due.
/// After a failed write memory and store may differ: a new activation reads again.
/// </remarks>
[Reentrant]
internal sealed class DelayedGrain(
    DelayedStore store, DueStore timers, Router router, RouteReplica routes, IOptions<DelayedOptions> options,
    TimeProvider time, BrokerMetrics metrics, ILogger<DelayedGrain> log) : Grain, IDelayedGrain
{
    private const int AtOnce = 200;
    private const int BytesAtOnce = 1024 * 1024;

    private static readonly byte[] _member = System.Text.Encoding.UTF8.GetBytes(DueStore.DelayedMessages);

    private readonly DelayedQueue _queue = new(options.Value);
    private DelayedJournal _journal = null!;
    private DelayedOutbox? _outbox;
    private ulong _nextSequence;
    private long _timer = long.MaxValue;
    private Task _stored = Task.CompletedTask;
    private Task _publishing = Task.CompletedTask;

    private int Slice => (int)this.GetPrimaryKeyLong();

    // Sessions name themselves with odd numbers.
    private ulong Publisher => (ulong)(Slice + 1) * 2;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _journal = new DelayedJournal(store, await store.Claim(Slice));
        (_outbox, _nextSequence) = await _journal.LoadAsync(_queue, cancellationToken);
        TellWaiting();
        if (_queue.Count == 0)
            return;

        DelayDeactivation(Timeout.InfiniteTimeSpan); // or a slice would be read again and again
        await SetTimerAsync(_outbox is null ? _queue.NextDue!.Value : Clock.Milliseconds(time));
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.DelayedWaiting(Slice, 0, 0); // another silo counts it from now on
        return Task.CompletedTask;
    }

    public async Task<ReasonCode[]?> Keep(MessageBatch batch)
    {
        ReasonCode[]? verdicts = null;
        var added = new List<Field>();
        var index = 0;
        foreach (var record in batch)
        {
            if (_queue.IsKnown(record))
            {
                index++; // answered when it is stored, as if it were new
                continue;
            }

            if (_queue.HasRoomFor(record))
                added.Add(new(DelayedFields.Message(_queue.Add(record, Clock.Microseconds(time)).Place), record.Bytes.ToArray()));
            else
                (verdicts ??= new ReasonCode[batch.Count])[index] = ReasonCode.QuotaExceeded;
            index++;
        }

        TellWaiting();
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        await (_stored = StoreAsync(_stored, added));
        return verdicts;
    }

    public Task PublishDue() => _publishing.IsCompleted ? _publishing = PublishDueAsync() : _publishing;

    private async Task StoreAsync(Task before, List<Field> added)
    {
        try
        {
            // Side by side: a timer without its message does no harm, and a message without its timer is not acknowledged.
            await Task.WhenAll(before, _journal.AddAsync(added), SetTimerAsync(_queue.NextDue ?? long.MaxValue));
        }
        catch (Exception failure) when (failure is StoreUnavailableException or StaleOwnerException)
        {
            throw GiveUp(failure);
        }
    }

    private async Task PublishDueAsync()
    {
        while ((_outbox ??= await TakeOutAsync()) is { } outbox)
        {
            await PublishAsync(outbox);
            await InStoreAsync(_journal.FinishAsync(outbox, _queue));
            metrics.DelayedPublished(outbox.Entries.Count);
            _outbox = null;
            TellWaiting();
        }

        // Another activation may have the slice by now, and the timer may be its own: whose it is, the store says.
        await InStoreAsync(_journal.ConfirmAsync());

        // Decided and sent in one step, so that a message that is taken in next sets the timer behind this.
        _timer = _queue.NextDue ?? long.MaxValue;
        await InStoreAsync(_timer < long.MaxValue
            ? timers.Set(Slice, _member, DateTimeOffset.FromUnixTimeMilliseconds(_timer))
            : timers.Remove(Slice, _member));
        if (_queue.Count == 0)
            DelayDeactivation(TimeSpan.Zero);
    }

    private async Task<DelayedOutbox?> TakeOutAsync()
    {
        var due = _queue.TakeDue(Clock.Milliseconds(time), AtOnce, BytesAtOnce);
        if (due.Count == 0)
            return null;

        await _stored; // what is not stored yet may fail to be, and its publisher then sends it again
        var first = Math.Max(_nextSequence, Sequences.FirstOf(Clock.Microseconds(time)));
        var taking = _journal.TakeOutAsync(first, due);
        await InStoreAsync(taking);
        var outbox = await taking;
        foreach (var entry in due.Except(outbox.Entries))
            _queue.Published(entry);
        _nextSequence = outbox.NextSequence;
        return outbox;
    }

    /// <summary>Ends when everyone who is to have it has stored it; where that fails, it is done again when the timer rings.</summary>
    private async Task PublishAsync(DelayedOutbox outbox)
    {
        if (outbox.AtMostOnce.Count > 0)
        {
            var batch = outbox.ToBatchAtMostOnce();
            _outbox = outbox with { AtMostOnce = [] };
            metrics.DelayedPublished(batch.Count);
            await RouteAsync(batch);
        }

        if (outbox.Records.Count > 0)
            await RouteAsync(outbox.ToBatch(Publisher));
    }

    private async Task RouteAsync(PublicationBatch batch)
    {
        await routes.Filled; // a silo that has just joined does not know yet who wants it
        await router.Admit(batch);
        await router.Route(batch);
    }

    private void TellWaiting() => metrics.DelayedWaiting(Slice, _queue.Count, _queue.Bytes);

    private Task SetTimerAsync(long due)
    {
        if (due >= _timer)
            return Task.CompletedTask;

        _timer = due;
        return timers.Set(Slice, _member, DateTimeOffset.FromUnixTimeMilliseconds(due));
    }

    private async Task InStoreAsync(Task asked)
    {
        try
        {
            await asked;
        }
        catch (Exception failure) when (failure is StoreUnavailableException or StaleOwnerException)
        {
            throw GiveUp(failure);
        }
    }

    private Exception GiveUp(Exception failure)
    {
        log.DelayedSliceFailed(Slice, failure);
        DeactivateOnIdle();
        return failure;
    }
}
