using Orleans.Mqtt.Cluster;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>The processes of the cluster, and the whole in numbers.</summary>
internal static class ClusterApi
{
    public static void MapCluster(this RouteGroupBuilder api)
    {
        var cluster = api.MapGroup("").WithTags("Cluster");
        cluster.MapGet("/gateways", async (IGrainFactory grains) =>
            Results.Ok(await grains.GetGrain<IBrokerGrain>(0).Gateways())).WithName("listGateways")
            .WithSummary("Gateways that have a lease, with what they say of themselves.")
            .Produces<GatewayState[]>();
        cluster.MapGet("/silos", async (IGrainFactory grains) =>
            Results.Ok(await grains.GetGrain<IBrokerGrain>(0).Silos())).WithName("listSilos")
            .WithSummary("Silos that are or were members, with what they say of themselves.")
            .Produces<SiloState[]>();
        cluster.MapGet("/statistics", async (IGrainFactory grains) =>
            Results.Ok(await grains.GetGrain<IBrokerGrain>(0).Statistics())).WithName("getStatistics")
            .WithSummary("The cluster in numbers.")
            .Produces<BrokerStatistics>();
    }
}
