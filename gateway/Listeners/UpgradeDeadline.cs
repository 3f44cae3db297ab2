using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Connections;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>Ends connections to a WebSocket listener that do not become a WebSocket in time.</summary>
internal sealed class UpgradeDeadline(Heartbeat heartbeat, IOptions<GatewayOptions> options)
{
    public ConnectionDelegate Chain(ConnectionDelegate next) => async connection =>
    {
        var deadline = heartbeat.In(options.Value.ConnectTimeout);
        var wait = new Wait(connection, heartbeat, deadline);
        connection.Features.Set(wait);
        heartbeat.Watch(wait, deadline);
        try
        {
            await next(connection);
        }
        finally
        {
            heartbeat.Unwatch(wait);
        }
    };

    /// <summary>One connection's wait; a feature of it, so that the endpoint can end the wait.</summary>
    public sealed class Wait(ConnectionContext connection, Heartbeat heartbeat, int deadline) : Overdue
    {
        public override int Check(int tick)
        {
            if (tick < deadline)
                return deadline;

            connection.Abort(new ConnectionAbortedException("No WebSocket in time."));
            return Never;
        }

        public void IsOver() => heartbeat.Unwatch(this);
    }
}
