using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Storage;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Grains.Topics;

/// <summary>One slice of the retained messages: in memory for reading, in the store for good.</summary>
/// <remarks>
/// Reentrant, so that many writes share a round trip to the store; the store keeps the order of one key, and memory
/// follows in the order of the calls. After a failed write memory and store may differ: a new activation reads again.
/// </remarks>
[Reentrant]
internal sealed class RetainedGrain(
    RetainedStore store, DelayedMessages delayed, TimeProvider time, BrokerMetrics metrics, ILogger<RetainedGrain> log)
    : Grain, IRetainedGrain
{
    private const int SweptAtOnce = 10_000;

    private static readonly TimeSpan _sweepInterval = TimeSpan.FromSeconds(10);

    private readonly TopicTree<byte[]> _messages = new();
    private readonly RetainedExpiry _expiry = new();
    private readonly List<MessageBatch> _onTheirWay = [];
    private SliceClaim _claim = null!;
    private Task _last = Task.CompletedTask;

    private int Slice => (int)this.GetPrimaryKeyLong();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // A slice is asked for all the time; were it collected, the next subscriber would wait for the whole slice.
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        _claim = await store.Claim(Slice);
        await foreach (var (_, record) in store.ReadAll(_claim, cancellationToken))
            Set(record);
        metrics.RetainedCount(Slice, _messages.Count);
        this.RegisterGrainTimer(SweepAsync, new() { DueTime = _sweepInterval, Period = _sweepInterval, Interleave = true });
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.RetainedCount(Slice, 0); // another silo counts it from now on
        return Task.CompletedTask;
    }

    public async Task Keep(MessageBatch batch)
    {
        _onTheirWay.Add(batch);
        try
        {
            await (_last = ApplyAsync(_last, WriteAsync(batch), batch));
        }
        finally
        {
            _onTheirWay.Remove(batch);
        }
    }

    public Task<MessageBatch> Read(string[] filters)
    {
        var found = new Found(new RecordBlock(), Clock.Seconds(time));
        var seen = filters.Length > 1 ? new HashSet<byte[]>(ReferenceEqualityComparer.Instance) : null;
        foreach (var filter in filters)
        {
            var visitor = found with { Seen = seen };
            _messages.Match(Encoding.UTF8.GetBytes(filter), ref visitor);
        }

        return Task.FromResult(MessageBatch.From(found.Block));
    }

    public Task<RetainedSummary[]> List(RetainedQuery query)
    {
        var visitor = new Listed(Encoding.UTF8.GetBytes(query.After), []);
        _messages.Match(Encoding.UTF8.GetBytes(query.Filter), ref visitor);
        return Task.FromResult(visitor.First(Paging.Clamp(query.Limit)));
    }

    public Task<int> Count() => Task.FromResult(_messages.Count);

    /// <summary>
    /// Readers leave out what has expired; this takes it away, from the store first. The removal must not come behind a newer
    /// message of the topic that is on its way already.
    /// </summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var expired = GatherExpired(TopicsOnTheirWay());
        if (expired.Count == 0)
            return;

        try
        {
            await Keep(expired);
            log.RetainedExpired(expired.Count, Slice);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or StaleOwnerException)
        {
            // This activation ends with it; the next one finds them again.
            log.RetainedSweepFailed(Slice, failure.Message);
        }
    }

    private HashSet<string> TopicsOnTheirWay()
    {
        var topics = new HashSet<string>();
        foreach (var batch in _onTheirWay)
        {
            foreach (var record in batch)
                topics.Add(Encoding.UTF8.GetString(record.Topic));
        }

        return topics;
    }

    private MessageBatch GatherExpired(HashSet<string> replaced)
    {
        var now = Clock.Seconds(time);
        var block = new RecordBlock();
        while (block.Count < SweptAtOnce && _expiry.TryTake(now, out var topic))
        {
            var name = Encoding.UTF8.GetBytes(topic);
            if (replaced.Contains(topic) || !_messages.TryGet(name, out var record))
                continue;

            if (new MessageRecord(record).HasExpired(now))
                WriteClearing(name, block);
            else
                _expiry.Add(topic, new MessageRecord(record).Expiry);
        }

        return MessageBatch.From(block);
    }

    private static void WriteClearing(ReadOnlySpan<byte> topic, RecordBlock block)
    {
        var record = block.Add(MessageRecord.Measure(topic.Length, payloadLength: 0, propertiesLength: 0));
        MessageRecord.WriteHeader(
            record, RecordFlags.Retain, topic.Length, payloadLength: 0, expiry: 0, publisher: 0, sequence: 0);
        topic.CopyTo(record[MessageRecord.HeaderSize..]);
    }

    private Task WriteAsync(MessageBatch batch)
    {
        // Of several messages of one topic the last counts.
        var last = new Dictionary<string, byte[]>(batch.Count);
        foreach (var record in batch)
        {
            if (!IsIgnored(record))
                last[Encoding.UTF8.GetString(record.Topic)] = record.PayloadLength == 0 ? [] : record.Bytes.ToArray();
        }

        var set = new List<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>>();
        var remove = new List<ReadOnlyMemory<byte>>();
        foreach (var (topic, record) in last)
        {
            if (record.Length == 0)
                remove.Add(Encoding.UTF8.GetBytes(topic));
            else
                set.Add(new(Encoding.UTF8.GetBytes(topic), record));
        }

        return store.Change(_claim, set, remove);
    }

    private async Task ApplyAsync(Task before, Task writing, MessageBatch batch)
    {
        try
        {
            await before;
            await writing;
        }
        catch (Exception failure) when (failure is StoreUnavailableException or StaleOwnerException)
        {
            log.RetainedSliceFailed(Slice, failure);
            DeactivateOnIdle();
            throw;
        }

        foreach (var record in batch)
        {
            if (IsIgnored(record))
                continue;
            if (record.PayloadLength == 0)
                _messages.Remove(record.Topic);
            else
                Set(record.Bytes.ToArray());
        }

        metrics.RetainedCount(Slice, _messages.Count);
    }

    // What is to wait is kept when it is published.
    private bool IsIgnored(in MessageRecord record) => IsOutdated(record) || delayed.Takes(record.Topic);

    // The repetition of a call whose outcome was unknown, come late: its publisher has said something newer since.
    private bool IsOutdated(in MessageRecord record)
    {
        if (record.Sequence == 0 || !_messages.TryGet(record.Topic, out var bytes))
            return false;

        var kept = new MessageRecord(bytes);
        return kept.Publisher == record.Publisher && kept.Sequence > record.Sequence
            && kept.Has(RecordFlags.ExactlyOnce) == record.Has(RecordFlags.ExactlyOnce);
    }

    private void Set(byte[] bytes)
    {
        var record = new MessageRecord(bytes);
        _messages.Set(record.Topic, bytes);
        if (record.Expiry != 0)
            _expiry.Add(Encoding.UTF8.GetString(record.Topic), record.Expiry);
    }

    /// <summary>Copies what matches and has not expired, with the mark that it is sent because of a subscription.</summary>
    private readonly record struct Found(RecordBlock Block, uint Now) : IMatchVisitor<byte[]>
    {
        public HashSet<byte[]>? Seen { get; init; }

        public bool Visit(byte[] value)
        {
            var record = new MessageRecord(value);
            if (!record.HasExpired(Now) && (Seen is null || Seen.Add(value)))
                MessageRecord.PatchFlags(Block.Add(record), record.Flags | RecordFlags.Retained);
            return true;
        }
    }

    /// <summary>Gathers what is behind a topic, to be put in order and cut.</summary>
    private readonly struct Listed(byte[] after, List<byte[]> found) : IMatchVisitor<byte[]>
    {
        private static readonly Comparer<byte[]> _byTopic = Comparer<byte[]>.Create(
            (one, other) => new MessageRecord(one).Topic.SequenceCompareTo(new MessageRecord(other).Topic));

        public bool Visit(byte[] value)
        {
            if (new MessageRecord(value).Topic.SequenceCompareTo(after) > 0)
                found.Add(value);
            return true;
        }

        public RetainedSummary[] First(int limit) =>
            [.. found.Order(_byTopic).Take(limit).Select(Summary)];

        private static RetainedSummary Summary(byte[] value)
        {
            var record = new MessageRecord(value);
            return new RetainedSummary(Encoding.UTF8.GetString(record.Topic), record.QoS, record.PayloadLength);
        }
    }
}
