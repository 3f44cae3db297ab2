using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Orleans.Mqtt.Client.Link;

/// <summary>How a process that holds no grains is connected to the silos: gateways and applications alike.</summary>
internal static class ClusterConnection
{
    public static void UseMqttCluster(this IClientBuilder client, ConfigurationOptions redis, string cluster)
    {
        client.Configure<ClusterOptions>(names =>
        {
            names.ClusterId = cluster;
            names.ServiceId = cluster;
        });
        client.UseRedisClustering(clustering => clustering.ConfigurationOptions = ForMembership(redis));

        // A client may come up before the first silo does: it waits, and is not ready meanwhile.
        client.UseConnectionRetryFilter(async (_, stopping) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), stopping);
            return true;
        });

        // A new silo is connected to within seconds, so that it takes its share. (A dead one is left when its connection
        // breaks, or when the others say that it is dead.)
        client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));

        // Only for answers that got lost on the way: calls into a silo that dies are ended when that is known (LostCalls).
        // Longer than the store may take to answer, or calls that it holds up would be made over and over.
        client.Configure<ClientMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(10);

            // Keys that share a bucket share a silo: enough of them, that those of SiloKeys and of the lanes find free ones.
            messaging.ClientSenderBuckets = 64 * 1024;
        });

        // A machine that is gone does not even refuse: the next silo is tried soon enough for P8.
        client.Configure<ConnectionOptions>(connection => connection.OpenConnectionTimeout = TimeSpan.FromSeconds(1));
    }

    /// <summary>
    /// The connection that Orleans keeps its membership over: it comes back by itself, soon after the store does, however
    /// long that was away.
    /// </summary>
    public static ConfigurationOptions ForMembership(ConfigurationOptions redis)
    {
        var options = redis.Clone();
        options.AbortOnConnectFail = false;
        options.ReconnectRetryPolicy = new LinearRetry(500);
        return options;
    }
}
