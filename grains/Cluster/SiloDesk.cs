using Orleans.Concurrency;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Orleans.Mqtt.Grains.Cluster;

/// <summary>Where a silo answers questions about itself.</summary>
[Alias("mqtt.silo-desk")]
internal interface ISiloDesk : IGrainService
{
    [Alias("report")]
    Task<SiloReport> Report();
}

/// <summary>One on every silo.</summary>
[Reentrant]
internal sealed class SiloDesk(
    GrainId id, Silo silo, RouteTable routes, SessionCensus census, StoreWriter writer, StoreConnection store,
    BrokerMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    : GrainService(id, silo, loggers), ISiloDesk
{
    private readonly DateTimeOffset _since = time.GetUtcNow();

    public Task<SiloReport> Report() => Task.FromResult(new SiloReport
    {
        Since = _since,
        Filters = routes.Filters,
        ActiveSessions = census.Count,
        QueuedMessages = census.Take().Queued,
        RetainedMessages = metrics.RetainedTotal,
        MessagesRouted = metrics.RoutedTotal,
        MessagesRejected = metrics.QueueFullTotal,
        MessagesDropped = metrics.SlowGatewayTotal,
        StorePendingBytes = writer.PendingBytes,
        IsStoreUp = store.IsUp,
        MemoryBytes = Environment.WorkingSet,
    });
}

/// <summary>Finds the desk of one silo.</summary>
internal sealed class SiloDeskClient(IServiceProvider services) : GrainServiceClient<ISiloDesk>(services)
{
    public ISiloDesk Of(SiloAddress silo) => GetGrainService(silo);
}
