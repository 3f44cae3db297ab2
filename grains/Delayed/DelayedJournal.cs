using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Field = System.Collections.Generic.KeyValuePair<System.ReadOnlyMemory<byte>, System.ReadOnlyMemory<byte>>;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>The durable side of one slice of delayed messages.</summary>
internal sealed class DelayedJournal(DelayedStore store, SliceClaim claim)
{
    /// <summary>Fills the queue with what is stored; gives what was being published, and the next sequence.</summary>
    public async Task<(DelayedOutbox? Outbox, ulong NextSequence)> LoadAsync(DelayedQueue queue, CancellationToken cancellation)
    {
        var messages = new Dictionary<long, (DelayedEntry Entry, long Due)>();
        var published = new Dictionary<DelayedIdentity, long>();
        var (first, leaving) = (0UL, Array.Empty<long>());
        await foreach (var (name, value) in store.ReadAll(claim, cancellation))
        {
            switch (name[0])
            {
                case DelayedFields.MessagePrefix:
                    var place = DelayedFields.Place(name.AsSpan(1));
                    messages[place] = (DelayedEntry.Of(new MessageRecord(value), place), new MessageRecord(value).Position);
                    break;
                case DelayedFields.PublishedPrefix: published[DelayedFields.IdentityOf(name)] = DelayedFields.Place(value); break;
                case DelayedFields.OutboxName: (first, leaving) = DelayedFields.OutboxIn(value); break;
                default: break; // a field of a later version
            }
        }

        foreach (var (identity, _) in published.OrderBy(pair => pair.Value))
            queue.Remember(identity);
        foreach (var (entry, due) in messages.Values)
            queue.Restore(entry, leaving.Contains(entry.Place) ? null : due);
        return (await ReadOutboxAsync(first, leaving), first + (ulong)leaving.Length);
    }

    /// <summary>Stores new messages.</summary>
    public Task AddAsync(IReadOnlyList<Field> messages) => store.Change(claim, messages, []);

    /// <summary>Returns when it is stored that these are being published, and under which sequences.</summary>
    public async Task<DelayedOutbox> TakeOutAsync(ulong firstSequence, IReadOnlyList<DelayedEntry> entries)
    {
        var values = await store.Read(claim, [.. entries.Select(entry => DelayedFields.Message(entry.Place))]);
        var (staying, records, atMostOnce) = (new List<DelayedEntry>(), new List<byte[]>(), new List<byte[]>());
        var gone = new List<ReadOnlyMemory<byte>>();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } record)
                continue;

            if (new MessageRecord(record).QoS is QoS.AtMostOnce)
            {
                atMostOnce.Add(record);
                gone.Add(DelayedFields.Message(entries[i].Place));
                continue;
            }

            staying.Add(entries[i]);
            records.Add(record);
        }

        await store.Change(claim, [DelayedFields.OutboxOf(firstSequence, [.. staying.Select(entry => entry.Place)])], gone);
        return new DelayedOutbox(firstSequence, staying, records, atMostOnce);
    }

    /// <summary>They are published.</summary>
    public Task FinishAsync(DelayedOutbox outbox, DelayedQueue queue)
    {
        var set = new List<Field> { DelayedFields.OutboxOf(outbox.NextSequence, []) };
        var remove = new List<ReadOnlyMemory<byte>>();
        foreach (var entry in outbox.Entries)
        {
            remove.Add(DelayedFields.Message(entry.Place));
            if (entry.Identity is { ExactlyOnce: true, Sequence: > 0 })
                set.Add(new(DelayedFields.Published(entry.Identity), DelayedFields.Place(entry.Place)));
            if (queue.Published(entry) is { } forgotten)
                remove.Add(DelayedFields.Published(forgotten));
        }

        return store.Change(claim, set, remove);
    }

    /// <summary>Ends when the store has said that the slice is still this activation's own.</summary>
    public Task ConfirmAsync() =>
        store.Change(claim, [], [ReadOnlyMemory<byte>.Empty]); // a field that there is never: asked for the answer with it

    private async Task<DelayedOutbox?> ReadOutboxAsync(ulong firstSequence, long[] places)
    {
        if (places.Length == 0)
            return null;

        var values = await store.Read(claim, [.. places.Select(DelayedFields.Message)]);
        var records = values.Select(value => value ?? throw new InvalidDataException("A delayed message is gone.")).ToArray();
        var entries = records.Zip(places, (record, place) => DelayedEntry.Of(new MessageRecord(record), place)).ToArray();
        return new DelayedOutbox(firstSequence, entries, records, []);
    }
}
