using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Grains.Topics;

/// <summary>One slice of the retained messages: in memory for reading, in the store for good.</summary>
/// <remarks>
/// Reentrant, so that many writes share a round trip to the store; the store keeps the order of one key, and memory
/// follows in the order of the calls. After a failed write memory and store may differ: a new activation reads again.
/// </remarks>
[Reentrant]
internal sealed class RetainedGrain(
    RetainedStore store, Standing standing, BrokerMetrics metrics, ILogger<RetainedGrain> log) : Grain, IRetainedGrain
{
    private readonly TopicTree<byte[]> _messages = new();
    private SliceClaim _claim = null!;
    private Task _last = Task.CompletedTask;

    private int Slice => (int)this.GetPrimaryKeyLong();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // A slice is asked for all the time; were it collected, the next subscriber would wait for the whole slice.
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        await standing.DemandAsync();
        _claim = await store.Claim(Slice);
        await foreach (var (topic, record) in store.ReadAll(_claim, cancellationToken))
            _messages.Set(topic, record);
    }

    public async Task Keep(MessageBatch batch)
    {
        var writing = WriteAsync(batch);
        var before = _last;
        var mine = _last = ApplyAsync(before, writing, batch);
        await mine;
    }

    public Task<MessageBatch> Read(string[] filters)
    {
        var found = new Found(new RecordBlock());
        var seen = filters.Length > 1 ? new HashSet<byte[]>(ReferenceEqualityComparer.Instance) : null;
        foreach (var filter in filters)
        {
            var visitor = new Found(found.Block, seen);
            _messages.Match(Encoding.UTF8.GetBytes(filter), ref visitor);
        }

        return Task.FromResult(MessageBatch.From(found.Block));
    }

    public Task<int> Count() => Task.FromResult(_messages.Count);

    private Task WriteAsync(MessageBatch batch)
    {
        // Of several messages of one topic the last counts.
        var last = new Dictionary<string, byte[]>(batch.Count);
        foreach (var record in batch)
        {
            if (!IsOutdated(record))
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
            if (IsOutdated(record))
                continue;
            if (record.PayloadLength == 0)
                _messages.Remove(record.Topic);
            else
                _messages.Set(record.Topic, record.Bytes.ToArray());
        }

        metrics.RetainedCount(Slice, _messages.Count);
    }

    // The repetition of a call whose outcome was unknown, come late: its publisher has said something newer since.
    private bool IsOutdated(in MessageRecord record)
    {
        if (record.Sequence == 0 || !_messages.TryGet(record.Topic, out var bytes))
            return false;

        var kept = new MessageRecord(bytes);
        return kept.Publisher == record.Publisher && kept.Sequence > record.Sequence
            && kept.Has(RecordFlags.ExactlyOnce) == record.Has(RecordFlags.ExactlyOnce);
    }

    /// <summary>Copies what matches, with the mark that it is sent because of a subscription.</summary>
    private readonly struct Found(RecordBlock block, HashSet<byte[]>? seen = null) : IMatchVisitor<byte[]>
    {
        public RecordBlock Block => block;

        public bool Visit(byte[] value)
        {
            if (seen is null || seen.Add(value))
            {
                var record = new MessageRecord(value);
                MessageRecord.PatchFlags(block.Add(record), record.Flags | RecordFlags.Retained);
            }

            return true;
        }
    }
}
