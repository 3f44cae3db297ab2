using Orleans.Concurrency;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Grains.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Cluster;

/// <summary>
/// The broker's door for applications and operators. It holds nothing, so every silo has its own: nobody waits for others,
/// and no silo is a bottleneck.
/// </summary>
[StatelessWorker(1, removeIdleWorkers: false), Reentrant]
internal sealed class BrokerGrain(
    BrokerPublisher publisher, ClientListing clients, SubscriptionListing subscriptions, RetainedListing retained,
    ClusterSurvey survey) : Grain, IBrokerGrain
{
    public Task<ReasonCode> Publish(Message message, string clientId) => publisher.PublishAsync(message, clientId);

    public Task<ClientPage> Clients(ClientQuery query) => clients.ListAsync(query);

    public Task<SubscriptionPage> Subscriptions(SubscriptionQuery query) => subscriptions.ListAsync(query);

    public Task<RetainedPage> RetainedMessages(RetainedQuery query) => retained.ListAsync(query);

    public Task<Message?> Retained(string topic) => retained.ReadAsync(topic);

    public Task<bool> ForgetRetained(string topic) => retained.ForgetAsync(topic);

    public Task<GatewayState[]> Gateways() => survey.GatewaysAsync();

    public Task<SiloState[]> Silos() => survey.SilosAsync();

    public Task<BrokerStatistics> Statistics() => survey.StatisticsAsync();
}
