using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Mirroring;
using Orleans.Mqtt.Silo.Health;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>The bridge to NATS, where --nats names a server.</summary>
internal static class NatsHosting
{
    /// <summary>To be called before everything that has something to say when it stops: hosts stop in reverse.</summary>
    public static NatsServers? AddNats(this WebApplicationBuilder builder, BrokerOptions broker)
    {
        var section = builder.Configuration.GetSection(NatsOptions.Section);
        var options = section.Get<NatsOptions>() ?? new NatsOptions();
        if (string.IsNullOrEmpty(broker.Nats))
        {
            return options.Required
                ? throw new StartFailure("Nats:Required is set, but --nats does not say where NATS is")
                : null;
        }

        var services = builder.Services;
        services.AddOptions<NatsOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<NatsOptions>, NatsOptionsValidator>();
        services.AddSingleton<IValidateOptions<NatsOptions>, NatsRules>();

        var servers = new NatsServers(broker.Nats, options, broker.Cluster);
        var identity = NatsIdentity.Of(options, broker.Cluster);
        services.AddSingleton(servers);
        services.AddSingleton(identity);
        services.AddSingleton(provider => new CopyWriter(
            options.Prefix, options.EventsPrefix, identity.Origin, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<NatsMetrics>();
        services.AddSingleton<NatsMirror>();
        services.AddSingleton<ITrafficMirror>(provider => provider.GetRequiredService<NatsMirror>());
        services.AddSingleton<NatsSender>();
        services.AddSingleton<NatsInlet>();
        services.AddHostedService<NatsBridge>();
        if (options.Required)
            services.AddHealthChecks().AddCheck<NatsHealth>("nats", HealthStatus.Unhealthy, [HealthEndpoints.Ready]);
        return servers;
    }
}
