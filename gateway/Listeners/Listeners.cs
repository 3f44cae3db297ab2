using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Sockets;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>Has Kestrel listen where the settings say, each listener a chain from the socket to the connection handler.</summary>
internal sealed class Listeners(IOptions<GatewayOptions> options, IServiceProvider services) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions kestrel)
    {
        if (!ListenAddress.TryParseAll(options.Value.Listen, out var addresses, out var wrong))
            throw new OptionsValidationException(nameof(GatewayOptions.Listen), typeof(GatewayOptions), [wrong]);

        foreach (var address in addresses)
            kestrel.Listen(address.EndPoint, endPoint => Chain(endPoint, address));
    }

    private void Chain(ListenOptions endPoint, ListenAddress address)
    {
        if (address is { IsSecure: false, IsWebSocket: false })
            endPoint.Use(ServeBySockets);

        var feature = new ListenerFeature(address);
        endPoint.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });

        if (address.ExpectsProxyHeader)
            endPoint.Use(services.GetRequiredService<ProxyProtocol>().Chain);
        if (address.IsSecure)
        {
            var tls = services.GetRequiredService<ServerTls>();
            endPoint.Use(tls.Chain);
            endPoint.UseHttps(tls.Handshakes(address));
        }

        if (address.IsWebSocket)
        {
            // Kestrel's HTTP server ends this chain, and WebSocketEndpoint stands in front of everything behind it.
            endPoint.Protocols = HttpProtocols.Http1;
            endPoint.Use(services.GetRequiredService<UpgradeDeadline>().Chain);
            return;
        }

        if (address.IsSecure)
            endPoint.Use(services.GetRequiredService<PipedOutput>().Chain);
        endPoint.UseConnectionHandler<MqttConnectionHandler>();

        ConnectionDelegate ServeBySockets(ConnectionDelegate chain)
        {
            services.GetRequiredService<SocketTransport>().Serve(endPoint.EndPoint, chain);
            return chain;
        }
    }
}
