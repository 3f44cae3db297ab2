using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Connections;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>Ends connections to a WebSocket listener that do not become a WebSocket in time.</summary>
internal sealed class UpgradeDeadline(Heartbeat heartbeat, IOptions<GatewayOptions> options)
{
    public ConnectionDelegate Chain(ConnectionDelegate next) => async connection =>
    {
        var wait = new Wait(connection, heartbeat, heartbeat.Now + Ticks(options.Value.ConnectTimeout));
        connection.Features.Set(wait);
        heartbeat.Watch(wait);
        try
        {
            await next(connection);
        }
        finally
        {
            heartbeat.Unwatch(wait);
        }
    };

    private static int Ticks(TimeSpan time) => (int)(time.TotalSeconds * Heartbeat.TicksPerSecond);

    /// <summary>One connection's wait; a feature of it, so that the endpoint can end the wait.</summary>
    public sealed class Wait(ConnectionContext connection, Heartbeat heartbeat, int deadline) : IOverdue
    {
        public void Check(int tick)
        {
            if (tick > deadline)
                connection.Abort(new ConnectionAbortedException("No WebSocket in time."));
        }

        public void IsOver() => heartbeat.Unwatch(this);
    }
}
