using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Cluster;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Ingress;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Grains.Timers;
using Orleans.Mqtt.Grains.Topics;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Sessions;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains;

/// <summary>The only public door of this project.</summary>
public static class GrainsHosting
{
    // Where grains are; Orleans' own million is 19 MB from the start, in every silo.
    private const int MostRememberedGrains = 200_000;

    /// <summary>Adds everything that thinks inside the cluster, on the store that <paramref name="store"/> leads to.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="store">How the store is reached.</param>
    /// <param name="holds">Whether the store has a key; where the store is in this process, and this silo alone uses it.</param>
    public static ISiloBuilder AddMqttGrains(
        this ISiloBuilder builder, ConfigurationOptions store, Func<byte[], bool>? holds = null)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<BrokerMetrics>();
        services.AddStores(store);
        services.AddSessions(holds);
        services.AddShares();
        services.AddTopics();
        services.AddRouting();
        services.AddGateways();
        services.AddHostedService<Timekeeper>();
        services.AddHostedService<BrokerGauges>();
        services.AddBrokerGrain();
        builder.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = MostRememberedGrains);
        builder.AddGrainDirectory(NoDirectory.Name, (_, _) => new NoDirectory());

        // Whatever goes wrong in a grain is told to who asked; he will not know more types than their names.
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedExceptionTypeFilter = _ => true);
        builder.AddGrainService<RouteTableService>().AddGrainService<SiloDesk>();

        // Once the silo is active, so that it can ask the route grains; nothing is routed, and no client let in, before.
        return builder.AddStartupTask((provider, stopping) =>
            provider.GetRequiredService<RouteReplica>().FillAsync(stopping));
    }

    private static void AddStores(this IServiceCollection services, ConfigurationOptions store)
    {
        services.AddOptions<StoreOptions>().BindConfiguration(StoreOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StoreOptions>, StoreOptionsValidator>();
        services.AddSingleton(provider => Open(provider, store));
        services.AddSingleton<IStoreHealth>(provider => provider.GetRequiredService<StoreConnection>());
        services.AddSingleton<StoreWriter>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SessionIndex>();
        services.AddSingleton<RetainedStore>();
        services.AddSingleton<RouteStore>();
        services.AddSingleton<GatewayStore>();
        services.AddSingleton<DueStore>();
        services.AddSingleton<DelayedStore>();
        services.AddSingleton<ExclusiveStore>();
    }

    private static void AddSessions(this IServiceCollection services, Func<byte[], bool>? holds)
    {
        if (holds is not null)
        {
            services.AddSingleton(provider =>
            {
                var keys = provider.GetRequiredService<StoreConnection>().Keys;
                return ActivatorUtilities.CreateInstance<GuestBook>(provider, (string clientId) => holds(keys.Owner(clientId)));
            });
            services.AddSingleton<IGuestBook>(provider => provider.GetRequiredService<GuestBook>());
        }

        services.AddOptions<SessionOptions>().BindConfiguration(SessionOptions.Section)
            .Validate(
                sessions => sessions.MaximumInFlight <= sessions.MessagesInMemory,
                "Sessions:MaximumInFlight must not be above Sessions:MessagesInMemory.")
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<SessionOptions>, SessionOptionsValidator>();
        services.AddSingleton<SessionLanes>();
        services.AddSingleton<StoredSession.Loader>();
        services.AddSingleton<SessionWills>();
        services.AddSingleton<SessionTimers>();
        services.AddSingleton<SessionLeases>();
        services.AddSingleton<SessionSubscribing>();
        services.AddSingleton<ClientEvents>();
        services.AddSingleton<SessionCensus>();
        services.AddSingleton<SessionCollaborators>();
        services.AddHostedService<Rebalancer>();
    }

    private static void AddShares(this IServiceCollection services)
    {
        services.AddOptions<SharingOptions>().BindConfiguration(SharingOptions.Section).ValidateOnStart();
        services.AddSingleton<StoredShare.Loader>();
        services.AddSingleton<ShareCensus>();
        services.AddSingleton<ShareCollaborators>();
        services.AddSingleton<ShareRoutes>();
    }

    /// <summary>What becomes of some messages before they are routed: retained, delayed.</summary>
    private static void AddTopics(this IServiceCollection services)
    {
        services.AddSingleton<RetainedMessages>();
        services.AddOptions<DelayedOptions>().BindConfiguration(DelayedOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DelayedOptions>, DelayedOptionsValidator>();
        services.AddSingleton<DelayedMessages>();
    }

    private static void AddRouting(this IServiceCollection services)
    {
        services.AddSingleton<RouteTable>();
        services.AddSingleton<IGatewayDirectory>(provider => provider.GetRequiredService<RouteTable>());
        services.AddSingleton<Router>();
        services.AddSingleton<IIngress>(provider => provider.GetRequiredService<Router>());
        services.AddSingleton<RouteTableClient>();
        services.AddSingleton<RouteReplica>();
        services.AddHostedService<RouteComparer>();
    }

    private static void AddGateways(this IServiceCollection services)
    {
        services.AddOptions<RemoteGatewayOptions>().BindConfiguration(RemoteGatewayOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RemoteGatewayOptions>, RemoteGatewayOptionsValidator>();
        services.AddSingleton<GatewayDesks>();
        services.AddSingleton<LinkRoom>();
        services.AddSingleton<RemoteGateways>();
        services.AddHostedService<Sweeper>();
    }

    private static void AddBrokerGrain(this IServiceCollection services)
    {
        services.AddOptions<ApplicationOptions>().BindConfiguration(ApplicationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApplicationOptions>, ApplicationOptionsValidator>();
        services.AddSingleton<BrokerPublisher>();
        services.AddSingleton<ClientListing>();
        services.AddSingleton<SubscriptionListing>();
        services.AddSingleton<RetainedListing>();
        services.AddSingleton<SiloDeskClient>();
        services.AddSingleton<ClusterSurvey>();
    }

    // Blocks a start-up thread once: the container has no asynchronous factories, and nothing can run before the store.
    private static StoreConnection Open(IServiceProvider provider, ConfigurationOptions store) =>
        StoreConnection.OpenAsync(
            store,
            provider.GetRequiredService<IOptions<StoreOptions>>().Value,
            provider.GetRequiredService<ILogger<StoreConnection>>()).GetAwaiter().GetResult();
}
