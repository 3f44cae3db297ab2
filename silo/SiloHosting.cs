using System.Net;
using Orleans.Configuration;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Gateway.Hosting.Transport;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Silo.Streams;
using Orleans.Mqtt.Silo.Dashboard;
using StackExchange.Redis;

namespace Orleans.Mqtt.Silo;

/// <summary>Orleans on the store: alone with the embedded one, in a cluster with Redis.</summary>
internal static class SiloHosting
{
    public static void AddSilo(
        this WebApplicationBuilder builder, BrokerOptions options, ConfigurationOptions store, Func<byte[], bool>? holds,
        bool hasDashboard)
    {
        // One lane is enough for a store in the same process; it commits its log once for all that came together.
        builder.Configuration.Sources.Insert(0, options.IsEmbedded
            ? Defaults(("Store:Lanes", "1"))
            : Defaults(("Sessions:StoreEphemeral", "true")));
        builder.Configuration.Sources.Insert(0, Defaults(("Store:Prefix", options.Cluster)));

        builder.UseOrleans(silo =>
        {
            AddMembership(silo, options, store);
            silo.Services.UseClusterTransport();
            silo.AddRedisGrainStorageAsDefault(storage => storage.ConfigurationOptions = store);
            if (StreamsHosting.AreEnabled(builder.Configuration))
                silo.AddRedisGrainStorage(StreamsHosting.Subscriptions, storage => storage.ConfigurationOptions = store);
            silo.AddMqttGrains(store, holds);
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
            DemandFree(new(IPAddress.Loopback, siloPort), new(IPAddress.Loopback, orleansPort));
            silo.UseLocalhostClustering(siloPort, orleansPort, serviceId: options.Cluster, clusterId: options.Cluster);
            return;
        }

        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.Cluster;
            cluster.ServiceId = options.Cluster;
        });
        silo.UseRedisClustering(redis => redis.ConfigurationOptions = ClusterConnection.ForMembership(store));

        // What others connect to; beyond this machine every address is listened on, since a container knows only some.
        var advertised = Addresses.AdvertisedOf(options.Advertise);
        var listened = IPAddress.IsLoopback(advertised) ? advertised : IPAddress.Any;
        var silos = new IPEndPoint(listened, Either(options.SiloListenPort, siloPort));
        var clients = new IPEndPoint(listened, Either(options.OrleansListenPort, orleansPort));
        DemandFree(silos, clients);
        silo.Configure<EndpointOptions>(endpoints =>
        {
            endpoints.AdvertisedIPAddress = advertised;
            endpoints.SiloPort = siloPort;
            endpoints.GatewayPort = orleansPort;
            endpoints.SiloListeningEndpoint = silos;
            endpoints.GatewayListeningEndpoint = clients;
        });
        Tune(silo);
    }

    private static void DemandFree(IPEndPoint silos, IPEndPoint clients)
    {
        Addresses.DemandFree($"--silo-port {silos.Port}", silos);
        Addresses.DemandFree($"--orleans-port {clients.Port}", clients);
    }

    /// <summary>A dead silo must be noticed, agreed upon and left within 5 seconds (promise P8).</summary>
    private static void Tune(ISiloBuilder silo)
    {
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // Orleans adapts the time-out, which is also the interval of the probes, to what answers take. Two missed, the
            // second through a third silo, whose vote counts: a second or so for a silo that has died. One that hangs must
            // have been silent for twice the longest time-out, which gives a machine that is short of time its chance.
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.MinProbeTimeout = TimeSpan.FromSeconds(0.5);
            membership.MaxProbeTimeout = TimeSpan.FromSeconds(1.5);
            membership.NumMissedProbesLimit = 2;

            // What gossip did not bring is read from the table, as soon as may be without being a load.
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);

            // After all silos were killed at once, new ones take the old ones for dead when they have been silent for three
            // times this. A store that is away for longer only makes silos probe each other, which they do anyway.
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        silo.Configure<SiloMessagingOptions>(messaging =>
        {
            // Longer than the store may take to answer (Store:Timeout), so that a store that hangs is told from a silo.
            // Calls into a silo that dies are ended when it is declared dead.
            messaging.ResponseTimeout = TimeSpan.FromSeconds(10);

            // What waits for a gateway that is gone is kept no longer than its lease lives.
            messaging.ClientDropTimeout = TimeSpan.FromSeconds(5);
        });

        // A machine that is gone does not even refuse.
        silo.Configure<ConnectionOptions>(connection => connection.OpenConnectionTimeout = TimeSpan.FromSeconds(1));
    }

    private static int Either(int port, int other) => port > 0 ? port : other;

    private static Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource Defaults(
        params (string Key, string Value)[] settings) => new()
        {
            InitialData = settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
        };
}
