using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>The ingress of a gateway apart: a client's batches take one lane for QoS 0 and one for the rest.</summary>
internal sealed class SiloLanes : IIngress
{
    private readonly SiloLane[] _unacknowledged;
    private readonly SiloLane[] _acknowledged;

    public SiloLanes(
        IGrainFactory grains, IOptions<SiloLaneOptions> options, GatewayMetrics metrics, TimeProvider time, ILogger<SiloLanes> log)
    {
        MostWaitingBytes = 2L * options.Value.Lanes * options.Value.MaximumWaitingBytes;
        _unacknowledged = Make();
        _acknowledged = Make();

        SiloLane[] Make() =>
            [.. Enumerable.Range(0, options.Value.Lanes).Select(_ => new SiloLane(grains, options.Value, metrics, time, log))];
    }

    /// <summary>Bytes that wait in all lanes.</summary>
    public long WaitingBytes => _unacknowledged.Concat(_acknowledged).Sum(lane => (long)lane.WaitingBytes);

    /// <summary>Beyond, QoS 0 publishers are not read from; what is acknowledged is bounded by its publishers.</summary>
    public long MostWaitingBytes { get; }

    // The silo admits what it gets, in order.
    public ValueTask Admit(PublicationBatch batch) => ValueTask.CompletedTask;

    public ValueTask Route(PublicationBatch batch)
    {
        var lane = (int)((uint)string.GetHashCode(batch.Source.ClientId, StringComparison.Ordinal) % _acknowledged.Length);
        return HasAcknowledged(batch)
            ? _acknowledged[lane].SendAcknowledged(batch)
            : _unacknowledged[lane].SendUnacknowledged(batch);
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
