using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Sharing;

/// <summary>What became of an offer.</summary>
public enum ShareAnswer : byte
{
    /// <summary>The connection has gone.</summary>
    NotConnected,

    /// <summary>The client has unsubscribed: nothing of the offer was sent.</summary>
    NotSubscribed,

    /// <summary>It was sent, now or when the same offer came before.</summary>
    Taken,
}

/// <summary>Messages of a shared subscription on their way to one member.</summary>
/// <param name="Filter">The share's key.</param>
/// <param name="Sequence">Rises with each offer of the share: one that comes again is told by it.</param>
/// <param name="Messages">
/// Each with its position in the share's queue, its QoS as granted and, where a record has its sequence, its packet
/// identifier.
/// </param>
[GenerateSerializer, Immutable, Alias("mqtt.share-offer")]
public sealed record ShareOffer(
    [property: Id(0)] string Filter, [property: Id(1)] long Sequence, [property: Id(2)] MessageBatch Messages);
