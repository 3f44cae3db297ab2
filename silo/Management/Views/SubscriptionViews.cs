using System.ComponentModel.DataAnnotations;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Silo.Management.Views;

/// <summary>One subscription. The last four are those of MQTT 5.</summary>
internal sealed record SubscriptionView(
    string? ClientId, string Filter, int Qos, bool NoLocal, bool RetainAsPublished, int RetainHandling, uint? Identifier)
{
    public static SubscriptionView Of(Subscription subscription, string? clientId = null) => new(
        clientId, subscription.Filter, (int)subscription.QoS, subscription.NoLocal, subscription.RetainAsPublished,
        subscription.RetainHandling, subscription.Identifier == 0 ? null : subscription.Identifier);
}

/// <summary>A subscription to make for a client.</summary>
internal sealed record SubscribeBody
{
    public required string Filter { get; init; }

    /// <summary>0, 1 or 2.</summary>
    [Range(0, 2)]
    public int Qos { get; init; }

    public bool NoLocal { get; init; }

    public bool RetainAsPublished { get; init; }

    /// <summary>When retained messages are sent: 0 always, 1 for a new subscription only, 2 never.</summary>
    [Range(0, 2)]
    public int RetainHandling { get; init; }

    public Subscription ToSubscription() => new()
    {
        Filter = Filter,
        QoS = Qos is >= 0 and <= 2 ? (QoS)Qos : throw new BadHttpRequestException("qos: 0, 1 or 2."),
        NoLocal = NoLocal,
        RetainAsPublished = RetainAsPublished,
        RetainHandling = RetainHandling is >= 0 and <= 2
            ? (byte)RetainHandling
            : throw new BadHttpRequestException("retainHandling: 0, 1 or 2."),
    };
}

/// <summary>What became of a subscription: the granted QoS as "code", or a reason code from 128 on.</summary>
internal sealed record GrantView(string Filter, int Code, string Reason)
{
    public static GrantView Of(string filter, ReasonCode reason) =>
        new(filter, (int)reason, reason is ReasonCode.Success ? "GrantedQoS0" : reason.ToString());
}
