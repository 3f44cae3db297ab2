using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Client.Watching;

// What a gateway says of its clients. There are none here.
internal sealed partial class WatchObserver
{
    public Task<bool> Offer(string clientId, long epoch, MessageBatch batch) => Task.FromResult(false);

    public Task<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer) =>
        Task.FromResult(ShareAnswer.NotConnected);

    public Task Disconnect(string clientId, long epoch, ReasonCode reason) => Task.CompletedTask;

    public Task<GatewayReport> Report() => Task.FromResult(new GatewayReport { Listen = "" });

    public Task<ConnectionInfo[]> Connections(string prefix, string after, int limit) => Task.FromResult<ConnectionInfo[]>([]);

    public Task<ConnectionInfo?> Find(string clientId, long epoch) => Task.FromResult<ConnectionInfo?>(null);

    public Task<Subscription[]> SubscriptionsOf(string clientId, string after, int limit) => Task.FromResult<Subscription[]>([]);

    public Task<ClientSubscription[]> SubscribersOf(string filter, string after, int limit) =>
        Task.FromResult<ClientSubscription[]>([]);

    public Task<bool> Subscribe(string clientId, long epoch, Subscription[] subscriptions, MessageBatch retained) =>
        Task.FromResult(false);

    public Task<bool[]?> Unsubscribe(string clientId, long epoch, string[] filters) => Task.FromResult<bool[]?>(null);
}
