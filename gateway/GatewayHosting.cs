using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Figures;
using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Gateway.Listeners;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Gateway.Sharing;
using Orleans.Mqtt.Ingress;

namespace Orleans.Mqtt.Gateway;

/// <summary>The door of this project for hosts.</summary>
public static class GatewayHosting
{
    /// <summary>A gateway in the silo's process, which brings <see cref="IIngress"/> and <see cref="IGatewayDirectory"/>.</summary>
    public static IHostApplicationBuilder AddMqttGateway(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDownlinkReference, CoHosted>();
        return builder.AddGatewayParts();
    }

    /// <summary>A gateway in a process of its own; the host brings an Orleans client.</summary>
    public static IHostApplicationBuilder AddMqttGatewayApart(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SiloLaneOptions>().BindConfiguration(SiloLaneOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloLaneOptions>, SiloLaneOptionsValidator>();
        services.AddSingleton<IDownlinkReference, Apart>();
        services.AddSingleton<IIngress, SiloLanes>();
        services.AddLossDetection();
        return builder.AddGatewayParts();
    }

    private static IHostApplicationBuilder AddGatewayParts(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddOptions<HostOptions>().Configure<IOptions<GatewayOptions>>(
            (host, gateway) => host.ShutdownTimeout = gateway.Value.DrainTime + TimeSpan.FromSeconds(3));
        builder.AddDoors();
        builder.AddSecurity();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<GatewayIdentity>();
        services.TryAddSingleton<ClusterWatch>();
        services.AddSingleton<HeldEnvelopes>();
        services.AddSingleton<SubscriberTable>();
        services.AddSingleton<ShareTable>();
        services.AddSingleton<RouteAnnouncer>();
        services.AddSingleton<ConnectionTable>();
        services.AddSingleton<GatewayParts>();
        services.AddSingleton<MqttConnectionHandler>();
        services.AddSingleton<IGatewayDesk, GatewayDesk>();
        services.AddSingleton<Downlink>();
        services.AddSingleton<SysTopics>();
        services.AddHostedService(provider => provider.GetRequiredService<SysTopics>());
        services.AddHostedService<GatewayGauges>();
        services.AddSingleton<Heartbeat>();
        services.AddHostedService(provider => provider.GetRequiredService<Heartbeat>());
        services.AddSingleton<GatewayLease>();
        services.AddSingleton<Registration>();
        services.AddHostedService(provider => provider.GetRequiredService<Registration>());
        services.AddHostedService<Farewell>();
        services.AddHostedService<RestCollector>();
        return builder;
    }
}
