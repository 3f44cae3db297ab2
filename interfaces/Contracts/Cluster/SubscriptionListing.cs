using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Cluster;

/// <summary>Which subscriptions to list: all, in order of client and filter, or those of one filter, in order of client.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.subscription-query")]
public sealed record SubscriptionQuery
{
    /// <summary>Only subscriptions to exactly this filter.</summary>
    [Id(0)]
    public string? Filter { get; init; }

    /// <summary>Where the page before ended.</summary>
    [Id(1)]
    public SubscriptionPlace? After { get; init; }

    [Id(2)]
    public int Limit { get; init; } = Paging.DefaultLimit;
}

/// <summary>A place in the list of all subscriptions.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.subscription-place")]
public sealed record SubscriptionPlace([property: Id(0)] string ClientId, [property: Id(1)] string Filter);

/// <summary>A part of the list of subscriptions.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.subscription-page")]
public sealed record SubscriptionPage
{
    [Id(0)]
    public required ClientSubscription[] Subscriptions { get; init; }

    /// <summary>Ask for what is behind this; null at the end of the list.</summary>
    [Id(1)]
    public SubscriptionPlace? Next { get; init; }

    /// <summary>Gateways that did not answer in time.</summary>
    [Id(2)]
    public string[] Unreachable { get; init; } = [];
}

/// <summary>A subscription and whose it is.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.client-subscription")]
public sealed record ClientSubscription(
    [property: Id(0)] string ClientId, [property: Id(1)] Subscription Subscription);
