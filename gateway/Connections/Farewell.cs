using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Closes the connections when the process is asked to stop, so that the listeners can end at once.</summary>
internal sealed class Farewell(
    ConnectionTable connections, IOptions<GatewayOptions> options, IHostApplicationLifetime lifetime) : IHostedService
{
    // Whoever is told of another server goes there; the others try here again.
    private ReasonCode Reason => options.Value switch
    {
        { ServerReference.Length: 0 } => ReasonCode.ServerShuttingDown,
        { ServerMoved: true } => ReasonCode.ServerMoved,
        _ => ReasonCode.UseAnotherServer,
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() =>
        {
            foreach (var connection in connections.All)
                connection.Close(Reason);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
