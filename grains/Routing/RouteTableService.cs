using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>How route grains reach the route table of a silo.</summary>
[Alias("mqtt.route-table")]
internal interface IRouteTableService : IGrainService
{
    [Alias("apply")]
    Task Apply([Immutable] RouteChange[] changes);

    /// <summary>Makes a gateway in another process known to this silo's router.</summary>
    [Alias("attach")]
    Task Attach(string gatewayId, IGatewayObserver observer);

    [Alias("detach")]
    Task Detach(string gatewayId);
}

/// <summary>One on every silo: fills the table before the silo serves, then takes changes as they come.</summary>
[Reentrant]
internal sealed class RouteTableService(
    GrainId id, Silo silo, RouteTable table, RouteStore store, RemoteGateways links, ILoggerFactory loggers)
    : GrainService(id, silo, loggers), IRouteTableService
{
    private List<RouteChange>? _early = [];

    public override async Task Start()
    {
        for (var slice = 0; slice < RouteSlices.Count; slice++)
        {
            await foreach (var route in RouteGrain.ReadAll(store, slice))
                table.Apply([route]);
        }

        // Changes that came while the slices were read are newer than what was read.
        table.Apply([.. _early!]);
        _early = null;
        await base.Start();
    }

    public Task Apply(RouteChange[] changes)
    {
        _early?.AddRange(changes);
        table.Apply(changes);
        return Task.CompletedTask;
    }

    public Task Attach(string gatewayId, IGatewayObserver observer)
    {
        // The one that is there keeps its place: batches may be on their way through it.
        if (table.PortOf(gatewayId) is null)
            table.Attach(links.To(gatewayId, observer));
        return Task.CompletedTask;
    }

    public Task Detach(string gatewayId)
    {
        (table.PortOf(gatewayId) as RemoteGateway)?.End();
        table.Detach(gatewayId);
        return Task.CompletedTask;
    }
}

/// <summary>Finds the service of one silo.</summary>
internal sealed class RouteTableClient(IServiceProvider services) : GrainServiceClient<IRouteTableService>(services)
{
    public IRouteTableService Of(SiloAddress silo) => GetGrainService(silo);
}
