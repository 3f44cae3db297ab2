using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Delivery;

/// <summary>A gateway as a silo sees it: in this process a direct call, elsewhere a link.</summary>
public interface IGatewayPort
{
    /// <summary>Names the gateway and its life: a gateway that starts again has another id.</summary>
    string GatewayId { get; }

    /// <summary>Where it answers questions.</summary>
    IGatewayDesk Desk { get; }

    /// <summary>Begins one batch of live messages. The run belongs to the calling thread until it is completed.</summary>
    IDeliveryRun Begin();

    /// <summary>Begins one with what may go as references where <paramref name="held"/> is the gateway's own.</summary>
    IDeliveryRun Begin(HeldRecords? held) => Begin();

    /// <summary>
    /// Sends a part of a session's queue to its connection. False when that connection is not here (any more). Offering
    /// again what was offered before does no harm; an offer must not overtake the one before it.
    /// </summary>
    ValueTask<bool> Offer(string clientId, long epoch, MessageBatch batch);

    /// <summary>
    /// The same for what a shared subscription has given to a member. An offer that comes again is not taken again.
    /// </summary>
    ValueTask<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer);

    /// <summary>Closes the connection of an epoch; returns when it will send and acknowledge nothing any more.</summary>
    ValueTask Disconnect(string clientId, long epoch, ReasonCode reason);
}

/// <summary>One batch of live messages on its way to one gateway.</summary>
public interface IDeliveryRun
{
    /// <summary>
    /// The next messages will be of these, most of whose topics have not been seen lately. Only a hint: who has to look
    /// for them, too, can do so for all of them together.
    /// </summary>
    void Expect(in RecordGroup group)
    {
    }

    /// <summary>Adds one message; its bytes are copied before the call returns.</summary>
    void Add(in MessageRecord record);

    /// <summary>The same of one that was expected: where it stands among the last such, from 0 on.</summary>
    void Add(in MessageRecord record, int place) => Add(record);

    /// <summary>Adds a copy for one member of a shared subscription, and for nobody else.</summary>
    void AddShared(in MessageRecord record, SharePlace place);

    /// <summary>
    /// Sends what was added and ends the run. The task ends when the gateway has it, or will never have it because it is
    /// gone; for messages of QoS 0 nobody needs to wait for it.
    /// </summary>
    ValueTask Complete();
}
