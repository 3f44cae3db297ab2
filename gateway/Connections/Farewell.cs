using Microsoft.Extensions.Hosting;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Closes the connections when the process is asked to stop, so that the listeners can end at once.</summary>
internal sealed class Farewell(ConnectionTable connections, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() =>
        {
            foreach (var connection in connections.All)
                connection.Close(ReasonCode.ServerShuttingDown);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
