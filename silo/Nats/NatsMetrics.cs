using System.Diagnostics.Metrics;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>Why a message has no copy on NATS.</summary>
internal enum DropReason
{
    BufferFull,

    /// <summary>Its topic cannot be a subject.</summary>
    NoSubject,

    /// <summary>It is larger than the server or the stream takes.</summary>
    TooLarge,

    /// <summary>A QoS 0 message that was on its way when the connection broke: it may have arrived, and is not sent twice.</summary>
    Interrupted,
}

/// <summary>What a message from NATS came to.</summary>
internal enum InletOutcome
{
    Published,

    /// <summary>Subject or headers are not MQTT's, or it may not go there.</summary>
    Refused,

    /// <summary>It was a copy of ours.</summary>
    Loop,

    /// <summary>Too many waited.</summary>
    Dropped,

    /// <summary>The store could not take it for everyone.</summary>
    NotStored,
}

/// <summary>What a silo counts of NATS.</summary>
internal sealed class NatsMetrics
{
    public const string MeterName = "Orleans.Mqtt.Nats";

    private readonly Meter _meter;
    private readonly Counter<long> _mirrored;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _received;
    private readonly UpDownCounter<int> _connected;

    public NatsMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _mirrored = _meter.CreateCounter<long>(
            "mqtt.nats.mirrored", "{message}", "Copies, and what has become of clients, that NATS has.");
        _dropped = _meter.CreateCounter<long>("mqtt.nats.dropped", "{message}", "Messages that have no copy on NATS.");
        _received = _meter.CreateCounter<long>("mqtt.nats.received", "{message}", "Messages from NATS.");
        _connected = _meter.CreateUpDownCounter<int>("mqtt.nats.connected", "{connection}", "Connections to NATS.");
    }

    public void Observe(Func<long> bufferedBytes, long limit)
    {
        _meter.CreateObservableGauge("mqtt.nats.buffered", bufferedBytes, "By", "Copies that NATS has not confirmed.");
        _meter.CreateObservableGauge("mqtt.nats.buffered.limit", () => limit, "By", "Limit of mqtt.nats.buffered.");
    }

    public void Mirrored(int count) => _mirrored.Add(count);

    public void Dropped(int count, DropReason reason) =>
        _dropped.Add(count, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void Received(InletOutcome outcome) =>
        _received.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void Connected() => _connected.Add(1);

    public void Disconnected() => _connected.Add(-1);
}
