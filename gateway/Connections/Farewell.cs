using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// Takes leave of the clients when the process is asked to stop: nobody is let in any more, what was said is answered, and
/// they go a few at a time, so that they do not all knock elsewhere at one moment. The listeners close meanwhile.
/// </summary>
internal sealed class Farewell(
    ConnectionTable connections, IOptions<GatewayOptions> options, IHostApplicationLifetime lifetime, TimeProvider time)
    : IHostedService
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(50);

    private Task _leaving = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() =>
        {
            connections.IsOpen = false;
            _leaving = LeaveAsync();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _leaving.WaitAsync(cancellationToken);

    private async Task LeaveAsync()
    {
        var left = connections.All;
        var steps = Math.Max(1, (int)(options.Value.DrainTime / _step));
        for (var step = 0; step < steps; step++)
        {
            if (step > 0)
                await Task.Delay(_step, time);
            foreach (var connection in left[Part(step)..Part(step + 1)])
                connection.Drain(options.Value.Elsewhere(ReasonCode.ServerShuttingDown));
        }

        int Part(int step) => (int)((long)left.Length * step / steps);
    }
}
