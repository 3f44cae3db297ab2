using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Delivery;

/// <summary>A gateway in a process of its own, as silos call it.</summary>
[Alias("mqtt.gateway-observer")]
public interface IGatewayObserver : IGatewayDesk
{
    /// <summary>
    /// Live messages. <paramref name="sequence"/> rises with each batch of one <paramref name="outlet"/>: a batch that is
    /// sent again, because nobody heard whether it came, is delivered once.
    /// </summary>
    [Alias("deliver")]
    Task Deliver(Guid outlet, long sequence, MessageBatch batch);

    /// <summary>See <see cref="IGatewayPort.Offer"/>.</summary>
    [Alias("offer")]
    Task<bool> Offer(string clientId, long epoch, MessageBatch batch);

    /// <summary>See <see cref="IGatewayPort.OfferShared"/>.</summary>
    [Alias("offer-shared")]
    Task<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer);

    /// <summary>See <see cref="IGatewayPort.Disconnect"/>.</summary>
    [Alias("disconnect")]
    Task Disconnect(string clientId, long epoch, ReasonCode reason);
}
