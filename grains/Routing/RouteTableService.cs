using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Routing;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>How grains reach the route table and the gateway links of a silo.</summary>
[Alias("mqtt.route-table")]
internal interface IRouteTableService : IGrainService
{
    /// <summary>Returns when the changes, which are those of this version of the slice, are in force.</summary>
    [Alias("apply-version")]
    Task Apply(int slice, long version, [Immutable] RouteChange[] changes);

    /// <summary>A gateway's lease has ended.</summary>
    [Alias("detach")]
    Task Detach(string gatewayId);

    /// <summary>Sessions that are active in this silo.</summary>
    [Alias("count-sessions")]
    Task<int> CountSessions();
}

/// <summary>One on every silo.</summary>
[Reentrant]
internal sealed class RouteTableService(
    GrainId id, Silo silo, RouteReplica replica, RemoteGateways gateways, SessionCensus census, ILoggerFactory loggers)
    : GrainService(id, silo, loggers), IRouteTableService
{
    public Task Apply(int slice, long version, RouteChange[] changes) => replica.ApplyAsync(slice, version, changes);

    public Task Detach(string gatewayId)
    {
        gateways.Forget(gatewayId);
        return Task.CompletedTask;
    }

    public Task<int> CountSessions() => Task.FromResult(census.Count);
}

/// <summary>Finds the service of one silo.</summary>
internal sealed class RouteTableClient(IServiceProvider services) : GrainServiceClient<IRouteTableService>(services)
{
    public IRouteTableService Of(SiloAddress silo) => GetGrainService(silo);
}
