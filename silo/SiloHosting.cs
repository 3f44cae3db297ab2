using System.Net;
using Orleans.Configuration;
using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Silo.Dashboard;
using StackExchange.Redis;

namespace Orleans.Mqtt.Silo;

/// <summary>Orleans on the store: alone with the embedded one, in a cluster with Redis.</summary>
internal static class SiloHosting
{
    public static void AddSilo(
        this WebApplicationBuilder builder, BrokerOptions options, ConfigurationOptions store, bool hasDashboard)
    {
        // One lane is enough for a store in the same process; it commits its log once for all that came together.
        builder.Configuration.Sources.Insert(0, options.IsEmbedded
            ? Defaults(("Store:Lanes", "1"))
            : Defaults(("Sessions:StoreEphemeral", "true")));
        builder.Configuration.Sources.Insert(0, Defaults(("Store:Prefix", options.Cluster)));

        builder.UseOrleans(silo =>
        {
            AddMembership(silo, options, store);
            silo.AddRedisGrainStorageAsDefault(storage => storage.ConfigurationOptions = store);
            silo.AddMqttGrains(store);
            if (hasDashboard)
                silo.AddOrleansDashboard();
        });
    }

    private static void AddMembership(ISiloBuilder silo, BrokerOptions options, ConfigurationOptions store)
    {
        var siloPort = options.SiloPort > 0 ? options.SiloPort : Addresses.FreePort();
        var orleansPort = options.OrleansPort > 0 ? options.OrleansPort : Addresses.FreePort();
        if (options.IsEmbedded)
        {
            // Nobody else can reach the store, so there is nobody to find.
            silo.UseLocalhostClustering(siloPort, orleansPort, serviceId: options.Cluster, clusterId: options.Cluster);
            return;
        }

        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.Cluster;
            cluster.ServiceId = options.Cluster;
        });
        silo.UseRedisClustering(redis => redis.ConfigurationOptions = store);
        silo.ConfigureEndpoints(IPAddress.Loopback, siloPort, orleansPort);

        // A dead silo must be noticed, agreed upon and left within 5 seconds (promise P8): two probes that are missed, a
        // second apart. Slower probes would keep its sessions waiting, more of them would mostly cost time.
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 2;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        silo.Configure<SiloMessagingOptions>(messaging =>
        {
            // Longer than the store may take to answer (Store:Timeout), so that a store that hangs is told from a silo.
            messaging.ResponseTimeout = TimeSpan.FromSeconds(10);

            // What waits for a gateway that is gone is kept no longer than its lease lives.
            messaging.ClientDropTimeout = TimeSpan.FromSeconds(5);
        });
    }

    private static Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource Defaults(
        params (string Key, string Value)[] settings) => new()
        {
            InitialData = settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
        };
}
