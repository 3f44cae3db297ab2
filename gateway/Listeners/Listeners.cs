using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Connections;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>Has Kestrel listen where the settings say.</summary>
internal sealed class Listeners(IOptions<GatewayOptions> options) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions kestrel)
    {
        if (!ListenAddress.TryParseAll(options.Value.Listen, out var addresses, out var wrong))
            throw new OptionsValidationException(nameof(GatewayOptions.Listen), typeof(GatewayOptions), [wrong]);

        foreach (var address in addresses)
            kestrel.Listen(address.EndPoint, endPoint => endPoint.UseConnectionHandler<MqttConnectionHandler>());
    }
}
