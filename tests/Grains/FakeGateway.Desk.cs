using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Tests.Grains;

// Asked about its connections it says that there are none: a session's connection is the session's word only.
internal sealed partial class FakeGateway
{
    public Task<GatewayReport> Report() => Task.FromResult(new GatewayReport { Listen = "nowhere" });

    public Task<ConnectionInfo[]> Connections(string prefix, string after, int limit) =>
        Task.FromResult<ConnectionInfo[]>([]);

    public Task<ConnectionInfo?> Find(string clientId, long epoch) => Task.FromResult<ConnectionInfo?>(null);

    public Task<Subscription[]> SubscriptionsOf(string clientId, string after, int limit) =>
        Task.FromResult<Subscription[]>([]);

    public Task<ClientSubscription[]> SubscribersOf(string filter, string after, int limit) =>
        Task.FromResult<ClientSubscription[]>([]);

    public Task<bool> Subscribe(string clientId, long epoch, Subscription[] subscriptions, MessageBatch retained) =>
        Task.FromResult(false);

    public Task<bool[]?> Unsubscribe(string clientId, long epoch, string[] filters) => Task.FromResult<bool[]?>(null);
}
