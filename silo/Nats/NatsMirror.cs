using Microsoft.Extensions.Options;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Mirroring;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// Copies what the router has routed into a buffer, on the router's thread; the bridge takes it out. While NATS is away the
/// buffer fills, and beyond its limit messages are counted instead of copied, unless acknowledgements are to wait.
/// </summary>
internal sealed class NatsMirror : ITrafficMirror
{
    private readonly NatsOptions _options;
    private readonly NatsMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private long _dropped;

    public NatsMirror(IOptions<NatsOptions> options, NatsMetrics metrics, TimeProvider time, ILogger<NatsMirror> log)
    {
        _options = options.Value;
        _metrics = metrics;
        _time = time;
        _log = log;
        Buffer = new MirrorBuffer(_options.BufferBytes);
        metrics.Observe(() => Buffer.Bytes, _options.BufferBytes);
    }

    public MirrorBuffer Buffer { get; }

    public bool HearsOfClients => _options.EventsPrefix.Length > 0;

    public ValueTask Mirror(PublicationBatch batch)
    {
        if (_options.Prefix.Length == 0 || batch.Count == 0)
            return ValueTask.CompletedTask;
        if (_options.Required && HasAcknowledged(batch))
        {
            var safe = Buffer.AddAsync(batch);
            return batch.Source.IsAwaited ? new ValueTask(safe) : ValueTask.CompletedTask;
        }

        Add(batch.Records, batch.Source);
        return ValueTask.CompletedTask;
    }

    public void Tell(ClientEvent happened)
    {
        // Like a message of QoS 1: it is sent again when nobody knows whether it has arrived.
        var records = new RecordBlock();
        var name = ClientEventText.NameOf(happened.Kind);
        var payload = ClientEventText.Of(happened, _time.GetUtcNow());
        var record = records.Add(MessageRecord.Measure(name.Length, payload.Length, 0));
        MessageRecord.WriteHeader(record, (RecordFlags)QoS.AtLeastOnce, name.Length, payload.Length, 0, 0, 0);
        name.CopyTo(record[MessageRecord.HeaderSize..]);
        payload.Span.CopyTo(record[(MessageRecord.HeaderSize + name.Length)..]);
        Add(records, source: null);
        records.Release();
    }

    private void Add(RecordBlock records, PublicationSource? source)
    {
        if (Buffer.TryAdd(records, source))
        {
            if (Interlocked.Read(ref _dropped) != 0 && Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                _log.BufferHasRoom(dropped);
            return;
        }

        _metrics.Dropped(records.Count, DropReason.BufferFull);
        if (Interlocked.Add(ref _dropped, records.Count) == records.Count)
            _log.BufferFull(_options.BufferBytes);
    }

    private static bool HasAcknowledged(PublicationBatch batch)
    {
        foreach (var record in batch.Records)
        {
            if (record.QoS is not QoS.AtMostOnce)
                return true;
        }

        return false;
    }
}
