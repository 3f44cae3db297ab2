using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What a client may subscribe to, and how it is granted.</summary>
internal sealed class SubscriptionRules(GatewayParts gateway, Admission admission)
{
    /// <summary>Ends the connection of a client of MQTT 5 that asks for what its CONNACK said is not available.</summary>
    public void Judge(SubscribePacket packet)
    {
        if (!admission.Terms.IsVersion5)
            return;

        if (packet.SubscriptionIdentifier != 0 && !gateway.Options.SubscriptionIdentifierAvailable)
            ProtocolException.Throw(ReasonCode.SubscriptionIdentifiersNotSupported, "No subscription identifiers here.");

        foreach (var request in packet.Requests)
        {
            var missing = MissingFor(request.Filter);
            if (missing is not ReasonCode.Success)
                ProtocolException.Throw(missing, "CONNACK said that such subscriptions are not available.");
        }
    }

    /// <summary>Why a subscription is not granted; success when it is.</summary>
    public ReasonCode Refuse(SubscriptionRequest request, int subscriptions, int shared)
    {
        if (MissingFor(request.Filter) is var missing and not ReasonCode.Success)
            return missing;

        var wanted = request.Filter;
        var isShared = SharedFilter.IsShared(wanted);

        // MQTT 5 ends the connection for a malformed one; older clients do not know what they ask for.
        if (isShared && !SharedFilter.TryParse(wanted, out _, out wanted))
            return ReasonCode.TopicFilterInvalid;

        if (!gateway.Authorizer.MaySubscribe(admission.Client, ExclusiveFilter.Matched(wanted), request.QoS))
        {
            gateway.Metrics.DeniedSubscribe();
            return ReasonCode.NotAuthorized;
        }

        return subscriptions >= gateway.Options.MaximumSubscriptions || (isShared && shared >= PacketIdentifiers.Shares)
            ? ReasonCode.QuotaExceeded
            : ReasonCode.Success;
    }

    public Subscription Grant(SubscriptionRequest request, uint identifier) => new()
    {
        Filter = request.Filter,
        QoS = request.QoS < gateway.Options.MaximumQoS ? request.QoS : gateway.Options.MaximumQoS, // [MQTT-3.2.2-10]
        NoLocal = request.NoLocal,
        RetainAsPublished = request.RetainAsPublished,
        RetainHandling = (byte)(gateway.Options.RetainAvailable ? request.RetainHandling : RetainHandling.DoNotSend),
        Identifier = identifier,
    };

    private ReasonCode MissingFor(string filter)
    {
        if (!gateway.Options.SharedSubscriptionAvailable && SharedFilter.IsShared(filter))
            return ReasonCode.SharedSubscriptionsNotSupported;

        return !gateway.Options.WildcardSubscriptionAvailable && filter.AsSpan().IndexOfAny('+', '#') >= 0
            ? ReasonCode.WildcardSubscriptionsNotSupported
            : ReasonCode.Success;
    }
}
