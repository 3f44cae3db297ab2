using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>What silos in other processes call: the downlink, behind a check for batches that come twice.</summary>
internal sealed class GatewayObserver(Downlink downlink) : IGatewayObserver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _lastOf = [];

    public Task Deliver(Guid outlet, long sequence, MessageBatch batch)
    {
        lock (_gate)
        {
            if (_lastOf.TryGetValue(outlet, out var last) && sequence <= last)
                return Task.CompletedTask;
            _lastOf[outlet] = sequence;
        }

        var run = downlink.Begin();
        foreach (var record in batch)
            run.Add(record);
        return run.Complete().AsTask();
    }

    public Task<bool> Offer(string clientId, long epoch, MessageBatch batch) =>
        downlink.Offer(clientId, epoch, batch).AsTask();

    public Task<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer) =>
        downlink.OfferShared(clientId, epoch, offer).AsTask();

    public Task Disconnect(string clientId, long epoch, ReasonCode reason) =>
        downlink.Disconnect(clientId, epoch, reason).AsTask();
}
