using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Serialization;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>
/// This silo's links to gateways in other processes. A gateway that is not known yet is looked up in the store, so that
/// every silo reaches every gateway from the moment at which it has a lease.
/// </summary>
internal sealed class RemoteGateways(
    RouteTable table, GatewayStore store, Serializer serializer, LinkRoom room,
    IOptions<RemoteGatewayOptions> options, BrokerMetrics metrics, TimeProvider time, ILogger<RemoteGateways> log)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, RemoteGateway> _links = [];

    /// <summary>The gateways that are linked.</summary>
    public IReadOnlyCollection<string> Known => [.. _links.Keys];

    /// <summary>The way to a gateway, here or elsewhere; null when it has no lease (any more).</summary>
    public async ValueTask<IGatewayPort?> ReachAsync(string gatewayId)
    {
        if (table.PortOf(gatewayId) is { } port)
            return port;

        return await store.ReadAddress(gatewayId) is { } address
            ? Link(gatewayId, serializer.Deserialize<IGatewayObserver>(address)!)
            : null;
    }

    /// <summary>The gateway's lease is over: what is on its way to it is lost as if the connections had been.</summary>
    public void Forget(string gatewayId)
    {
        lock (_gate)
        {
            if (!_links.TryRemove(gatewayId, out var link))
                return;
            table.Detach(gatewayId);
            link.End();
        }

        log.GatewayDetached(gatewayId);
    }

    private IGatewayPort Link(string gatewayId, IGatewayObserver observer)
    {
        lock (_gate)
        {
            // The one that is there keeps its place: batches may be on their way through it.
            if (table.PortOf(gatewayId) is { } port)
                return port;

            var link = new RemoteGateway(gatewayId, observer, options.Value, room, metrics, time, log);
            _links[gatewayId] = link;
            table.Attach(link);
            log.GatewayAttached(gatewayId);
            return link;
        }
    }
}
