using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Client.Streams;
using Orleans.Mqtt.Client.Watching;
using Orleans.Mqtt.Streams;
using Orleans.Streams;
using StackExchange.Redis;

namespace Orleans.Mqtt.Client;

/// <summary>The door of this project.</summary>
public static class ClientHosting
{
    /// <summary>
    /// Makes this process a client of the cluster that lives on a Redis: it can ask for <see cref="MqttCluster"/>, and for
    /// <see cref="IClusterClient"/>. It starts when the first silo can be reached, and stays whole when silos come and go.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="redis">HOST:PORT, or a StackExchange.Redis configuration string: that of the silos.</param>
    /// <param name="cluster">What the silos have for --cluster.</param>
    public static IHostApplicationBuilder AddOrleansMqttClient(
        this IHostApplicationBuilder builder, string redis, string cluster = "orleans-mqtt")
    {
        var services = builder.Services;
        builder.UseOrleansClient(client =>
        {
            client.UseMqttCluster(ConfigurationOptions.Parse(redis), cluster);
            client.AddMemoryStreams(MqttStreams.Carrier);
        });
        services.AddMqttStreamProvider();
        services.AddLossDetection();
        services.AddMqttCluster();
        return builder;
    }

    /// <summary>For a host that is in the cluster already.</summary>
    internal static void AddMqttCluster(this IServiceCollection services)
    {
        services.AddOptions<WatchOptions>().BindConfiguration(WatchOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WatchOptions>, WatchOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ClusterWatch>();
        services.AddSingleton<WatchMetrics>();
        services.AddSingleton<WatchTable>();
        services.AddSingleton<WatchLink>();
        services.AddHostedService(provider => provider.GetRequiredService<WatchLink>());
        services.AddSingleton(provider => new MqttCluster(
            provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<WatchLink>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>The streams of messages; the host has their carrier.</summary>
    internal static void AddMqttStreamProvider(this IServiceCollection services) =>
        services.AddKeyedSingleton<IStreamProvider>(MqttStreams.Provider, (provider, _) => new MqttStreamProvider(
            provider.GetRequiredKeyedService<IStreamProvider>(MqttStreams.Carrier), provider.GetRequiredService<IGrainFactory>()));

    /// <summary>Calls into a silo that is lost fail when that is known.</summary>
    internal static void AddLossDetection(this IServiceCollection services)
    {
        services.TryAddSingleton<ClusterWatch>();
        services.AddSingleton<IOutgoingGrainCallFilter, LostCalls>();
        services.AddSingleton<GatewayCountChangedHandler>(provider => (_, change) =>
        {
            if (change.NumberOfConnectedGateways < change.PreviousNumberOfConnectedGateways)
                provider.GetRequiredService<ClusterWatch>().NoteLoss();
        });
    }
}
