using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Cluster;

/// <summary>The broker as a whole (key: 0): what is in the cluster, and a way in for messages.</summary>
[Alias("mqtt.broker")]
public interface IBrokerGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Publishes to whoever is subscribed, and returns when it is as safe as a PUBACK makes it. The verdict is that of a
    /// PUBACK: <see cref="ReasonCode.NoMatchingSubscribers"/> and below are good.
    /// </summary>
    /// <param name="message">What to publish.</param>
    /// <param name="clientId">
    /// The client that it is published for: it will not hear it through subscriptions with No Local. Empty: nobody.
    /// </param>
    [Alias("publish")]
    Task<ReasonCode> Publish(Message message, string clientId);

    [Alias("clients")]
    Task<ClientPage> Clients(ClientQuery query);

    /// <summary>
    /// A subscription of QoS 0 that belongs to a session whose client is away brings nothing; it is in the list of all, and
    /// not in that of its filter.
    /// </summary>
    [Alias("subscriptions")]
    Task<SubscriptionPage> Subscriptions(SubscriptionQuery query);

    [Alias("retained-messages")]
    Task<RetainedPage> RetainedMessages(RetainedQuery query);

    /// <summary>The retained message of a topic, null when there is none.</summary>
    [Alias("retained")]
    Task<Message?> Retained(string topic);

    /// <summary>Forgets the retained message of a topic, and tells no subscriber. False when there was none.</summary>
    [Alias("forget-retained")]
    Task<bool> ForgetRetained(string topic);

    [Alias("gateways")]
    Task<GatewayState[]> Gateways();

    [Alias("silos")]
    Task<SiloState[]> Silos();

    [Alias("statistics")]
    Task<BrokerStatistics> Statistics();
}
