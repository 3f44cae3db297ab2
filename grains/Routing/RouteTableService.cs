using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
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
}

/// <summary>One on every silo: fills the table before the silo serves, then takes changes as they come.</summary>
[Reentrant]
internal sealed class RouteTableService(
    GrainId id, Silo silo, RouteTable table, RouteStore store, ILoggerFactory loggers)
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
}

/// <summary>Finds the service of one silo.</summary>
internal sealed class RouteTableClient(IServiceProvider services) : GrainServiceClient<IRouteTableService>(services)
{
    public IRouteTableService Of(SiloAddress silo) => GetGrainService(silo);
}
