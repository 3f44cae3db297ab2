using Microsoft.Extensions.Options;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>Answers questions about the connections here, and subscribes for them.</summary>
internal sealed class GatewayDesk(
    GatewayIdentity identity, ConnectionTable connections, SubscriberTable subscribers, ShareTable shares, GatewayMetrics metrics,
    IOptions<GatewayOptions> options, TimeProvider time) : IGatewayDesk
{
    private readonly DateTimeOffset _since = time.GetUtcNow();

    public Task<GatewayReport> Report()
    {
        var all = connections.All;
        return Task.FromResult(new GatewayReport
        {
            Since = _since,
            Listen = options.Value.Listen,
            Connections = all.Length,
            Subscriptions = subscribers.Count,
            MessagesReceived = metrics.PublishedTotal,
            MessagesDropped = metrics.DroppedTotal,
            ProtocolErrors = metrics.ProtocolErrorTotal,
            UnsentBytes = all.Sum(connection => connection.Outbox.UnsentBytes),
            MemoryBytes = Environment.WorkingSet,
            PersistentConnections = all.Count(connection => connection.IsPersistent),
            MessagesSent = metrics.Traffic.MessagesSent,
            PacketsReceived = metrics.Traffic.Packets.Received,
            PacketsSent = metrics.Traffic.Packets.Sent,
            BytesReceived = metrics.Traffic.Bytes.Received,
            BytesSent = metrics.Traffic.Bytes.Sent,
        });
    }

    public Task<ConnectionInfo[]> Connections(string prefix, string after, int limit) =>
        Task.FromResult(Array.ConvertAll(connections.Page(prefix, after, Paging.Clamp(limit)), Describe));

    public Task<ConnectionInfo?> Find(string clientId, long epoch) =>
        Task.FromResult(connections.TryGet(clientId, epoch, out var connection) ? Describe(connection) : null);

    public Task<Subscription[]> SubscriptionsOf(string clientId, string after, int limit) =>
        Task.FromResult<Subscription[]>(connections.Find(clientId) is not { } connection
            ? []
            :
            [
                .. connection.Subscriptions.All
                    .Where(granted => CodePointOrder.Instance.Compare(granted.Filter, after) > 0)
                    .OrderBy(granted => granted.Filter, CodePointOrder.Instance)
                    .Take(Paging.Clamp(limit)),
            ]);

    public Task<ClientSubscription[]> SubscribersOf(string filter, string after, int limit) =>
        Task.FromResult<ClientSubscription[]>(
        [
            .. SubscriptionsTo(filter)
                .Where(subscription => CodePointOrder.Instance.Compare(subscription.Connection.ClientId, after) > 0)
                .OrderBy(subscription => subscription.Connection.ClientId, CodePointOrder.Instance)
                .Take(Paging.Clamp(limit))
                .Select(subscription => new ClientSubscription(subscription.Connection.ClientId, subscription.Granted)),
        ]);

    public async Task<bool> Subscribe(string clientId, long epoch, Subscription[] subscriptions, MessageBatch retained)
    {
        if (!connections.TryGet(clientId, epoch, out var connection))
            return false;

        // What is announced here serves everyone, so it must not stay on the scheduler of the grain that asks.
        await Task.Run(() => connection.Subscriptions.SubscribeForAsync(subscriptions, retained));
        return true;
    }

    public Task<bool[]?> Unsubscribe(string clientId, long epoch, string[] filters) =>
        connections.TryGet(clientId, epoch, out var connection)
            ? Task.Run<bool[]?>(() => connection.Subscriptions.UnsubscribeFor(filters))
            : Task.FromResult<bool[]?>(null);

    private LocalSubscription[] SubscriptionsTo(string filter) => SharedFilter.IsShared(filter)
        ? Array.FindAll(shares.MembersOf(identity.HandleOf(filter)), member => member.Filter == filter)
        : Array.FindAll(
            subscribers.To(ExclusiveFilter.Matched(filter)), subscription => subscription.Filter == filter);

    private ConnectionInfo Describe(MqttConnection connection)
    {
        var (admission, load) = (connection.Admission, connection.Load);
        return new ConnectionInfo
        {
            ClientId = connection.ClientId,
            GatewayId = identity.Id,
            Epoch = connection.Epoch,
            Version = admission.Terms.Version,
            Since = DateTimeOffset.UnixEpoch.AddMicroseconds(connection.Epoch),
            UserName = admission.Client.UserName,
            RemoteAddress = connection.RemoteAddress,
            KeepAlive = admission.KeepAlive,
            IsPersistent = connection.IsPersistent,
            Subscriptions = connection.Subscriptions.Count,
            UnsentBytes = load.UnsentBytes,
            InFlight = (int)load.InFlight,
            Waiting = (int)load.Waiting,
        };
    }
}
