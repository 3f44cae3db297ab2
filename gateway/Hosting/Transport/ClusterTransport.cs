using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Mqtt.Gateway.Hosting.Transport;

/// <summary>
/// What carries Orleans' messages between the processes of a cluster: sockets of our own in the place of Orleans' (decision 52).
/// </summary>
internal static class ClusterTransport
{
    /// <summary>To be called where Orleans' services have been added.</summary>
    public static IServiceCollection UseClusterTransport(this IServiceCollection services)
    {
        var sockets = new ClusterSockets();
        var replaced = Replace<IConnectionFactory>(services, sockets) + Replace<IConnectionListenerFactory>(services, sockets);
        return replaced > 0
            ? services
            : throw new InvalidOperationException("Orleans does not take its sockets from where it did.");
    }

    // Orleans asks for them by keys of its own: one for the connections of clients, one for those between silos.
    private static int Replace<TFactory>(IServiceCollection services, TFactory factory)
        where TFactory : class
    {
        var replaced = 0;
        for (var i = 0; i < services.Count; i++)
        {
            if (!services[i].IsKeyedService || services[i].ServiceType != typeof(TFactory))
                continue;

            services[i] = ServiceDescriptor.KeyedSingleton(services[i].ServiceKey, factory);
            replaced++;
        }

        return replaced;
    }
}
