using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using static Orleans.Mqtt.Tests.Store.TestStore;
using Field = System.Collections.Generic.KeyValuePair<System.ReadOnlyMemory<byte>, System.ReadOnlyMemory<byte>>;

namespace Orleans.Mqtt.Tests.Store;

/// <summary>What a crash in the middle of publishing leaves behind is the same messages with the same sequences.</summary>
public sealed class DelayedJournalTests(StoreServers servers)
{
    private const int Slice = 5;

    private readonly DelayedQueue _queue = new(new DelayedOptions());

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task What_was_being_published_is_taken_up_as_it_was(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var journal = await JournalAsync(store);
        await AddAsync(journal, Record(QoS.AtLeastOnce, 1, due: 10), Record(QoS.ExactlyOnce, 2, due: 11), Record(QoS.AtLeastOnce, 3, due: 90));
        var leaving = await journal.TakeOutAsync(firstSequence: 70, _queue.TakeDue(11, 9, 9_999));

        var (outbox, next, queue) = await LoadAsync(await JournalAsync(store));

        Assert.Equal((70UL, 72UL), (outbox!.FirstSequence, next));
        Assert.Equal(leaving.Entries, outbox.Entries);
        Assert.Equal(leaving.Records, outbox.Records);
        Assert.Equal((3, 90L), (queue.Count, queue.NextDue));
        Assert.Equal([70UL, 71UL], SequencesOf(outbox, publisher: 8));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task What_was_published_is_gone_and_of_QoS_2_it_is_known_that_it_was(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var journal = await JournalAsync(store);
        var once = Record(QoS.ExactlyOnce, 2, due: 11);
        var other = Record(QoS.AtLeastOnce, 1, due: 10);
        await AddAsync(journal, other, once);
        await journal.FinishAsync(await journal.TakeOutAsync(70, _queue.TakeDue(11, 9, 9_999)), _queue);

        var (outbox, next, queue) = await LoadAsync(await JournalAsync(store));

        Assert.Null(outbox);
        Assert.Equal((72UL, 0, 0L), (next, queue.Count, queue.Bytes));
        Assert.True(queue.IsKnown(new MessageRecord(once)));
        Assert.False(queue.IsKnown(new MessageRecord(other)));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task QoS_0_leaves_the_store_before_it_is_published(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var journal = await JournalAsync(store);
        await AddAsync(journal, Record(QoS.AtMostOnce, 0, due: 10), Record(QoS.AtLeastOnce, 1, due: 10));

        var leaving = await journal.TakeOutAsync(70, _queue.TakeDue(11, 9, 9_999));
        Assert.Single(leaving.AtMostOnce);
        Assert.Single(leaving.Records);

        var (outbox, next, queue) = await LoadAsync(await JournalAsync(store));
        Assert.Empty(outbox!.AtMostOnce);
        Assert.Single(outbox.Records);
        Assert.Equal((71UL, 1), (next, queue.Count));
    }

    private static async Task<DelayedJournal> JournalAsync(TestStore store) =>
        new(store.Delayed, await store.Delayed.Claim(Slice));

    private static async Task<(DelayedOutbox? Outbox, ulong Next, DelayedQueue Queue)> LoadAsync(DelayedJournal journal)
    {
        var queue = new DelayedQueue(new DelayedOptions());
        var (outbox, next) = await journal.LoadAsync(queue, TestContext.Current.CancellationToken);
        return (outbox, next, queue);
    }

    private static List<ulong> SequencesOf(DelayedOutbox outbox, ulong publisher)
    {
        var sequences = new List<ulong>();
        foreach (var record in outbox.ToBatch(publisher).Records)
        {
            Assert.Equal((publisher, 0L), (record.Publisher, record.Position));
            sequences.Add(record.Sequence);
        }

        return sequences;
    }

    private Task AddAsync(DelayedJournal journal, params byte[][] records) => journal.AddAsync([.. records.Select(record =>
        new Field(DelayedFields.Message(_queue.Add(new MessageRecord(record), now: 1).Place), record))]);

    private static byte[] Record(QoS qos, ulong sequence, long due)
    {
        var record = new byte[MessageRecord.Measure(1, 0, 0)];
        var flags = (RecordFlags)qos | (qos is QoS.ExactlyOnce ? RecordFlags.ExactlyOnce : RecordFlags.None);
        MessageRecord.WriteHeader(record, flags, topicLength: 1, payloadLength: 0, expiry: 0, publisher: 3, sequence);
        MessageRecord.PatchPosition(record, due);
        record[MessageRecord.HeaderSize] = (byte)'t';
        return record;
    }
}
