using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>The ingress of a gateway apart: a client's messages take one lane for QoS 0 and one for the rest.</summary>
internal sealed class SiloLanes : IIngress
{
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SiloLane[] _unacknowledged;
    private readonly SiloLane[] _acknowledged;

    public SiloLanes(
        IGrainFactory grains, IOptions<SiloLaneOptions> options, ClusterWatch watch, GatewayLease lease, GatewayIdentity identity,
        HeldEnvelopes held, Downlink downlink, GatewayMetrics metrics, TimeProvider time, ILogger<SiloLanes> log)
    {
        MostWaitingBytes = 2L * options.Value.Lanes * options.Value.MaximumWaitingBytes;
        _grains = grains;
        _time = time;
        _log = log;
        var number = 0;
        var one = new SiloChoice(grains, watch);
        _unacknowledged = Make(isAcknowledged: false, () => one);
        _acknowledged = Make(isAcknowledged: true, () => new SiloChoice(grains, watch));

        SiloLane[] Make(bool isAcknowledged, Func<SiloChoice> choose) => [.. Enumerable.Range(0, options.Value.Lanes)
            .Select(_ => new SiloLane(
                number++, choose(), isAcknowledged, options.Value, lease, identity, held, downlink, metrics, time, log))];
    }

    /// <summary>Bytes that wait in all lanes.</summary>
    public long WaitingBytes => _unacknowledged.Concat(_acknowledged).Sum(lane => (long)lane.WaitingBytes);

    /// <summary>Beyond this in one lane its publishers are not read from.</summary>
    public long MostWaitingBytes { get; }

    /// <summary>Has retained messages stored from here: in a lane, one that waits for the store would hold up all others.</summary>
    public async ValueTask Admit(PublicationBatch batch)
    {
        if (!batch.HasRetained)
            return;

        await Task.WhenAll(RetainedWrites.Of(batch).Select(slice => Patience.UntilDoneAsync(
            () => _grains.GetGrain<IRetainedGrain>(slice.Key).Keep(slice.Value), _time, _log, batch.Source.Gone)));
    }

    public ValueTask WaitForRoom()
    {
        foreach (var lane in _acknowledged)
        {
            var room = lane.WaitForRoom();
            if (!room.IsCompleted)
                return room;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask Route(PublicationBatch batch)
    {
        var (hasQoS0, hasOthers) = Kinds(batch);
        var lane = (int)((uint)string.GetHashCode(batch.Source.ClientId, StringComparison.Ordinal) % _acknowledged.Length);
        if (!hasOthers)
        {
            _ = _unacknowledged[lane].Add(batch, isMixed: false); // nobody waits for more than room
            return _unacknowledged[lane].WaitForRoom();
        }

        // QoS 0 goes the way of all QoS 0 of its client: what is in another lane could be overtaken.
        if (hasQoS0)
            _ = _unacknowledged[lane].Add(batch, isMixed: true); // bounded by the others, which are waited for
        return new ValueTask(_acknowledged[lane].Add(batch, isMixed: hasQoS0));
    }

    private static (bool HasQoS0, bool HasOthers) Kinds(PublicationBatch batch)
    {
        var (hasQoS0, hasOthers) = (false, false);
        foreach (var record in batch.Records)
        {
            hasQoS0 |= record.QoS is QoS.AtMostOnce;
            hasOthers |= record.QoS is not QoS.AtMostOnce;
        }

        return (hasQoS0, hasOthers);
    }
}
