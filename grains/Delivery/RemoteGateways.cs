using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Delivery;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>Makes links to gateways in other processes.</summary>
internal sealed class RemoteGateways(
    IOptions<RemoteGatewayOptions> options, BrokerMetrics metrics, TimeProvider time, ILogger<RemoteGateways> log)
{
    public RemoteGateway To(string gatewayId, IGatewayObserver observer) =>
        new(gatewayId, observer, options.Value, metrics, time, log);
}
