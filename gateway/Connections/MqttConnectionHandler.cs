using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>The edge and its judge: one call a connection, from accept to the last word.</summary>
internal sealed class MqttConnectionHandler(GatewayParts gateway, ILogger<MqttConnectionHandler> log) : ConnectionHandler
{
    private int _open;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        if (Interlocked.Increment(ref _open) > gateway.Options.MaximumConnections)
        {
            Interlocked.Decrement(ref _open);
            gateway.Metrics.Refused(ReasonCode.QuotaExceeded);
            return;
        }

        gateway.Metrics.ConnectionOpened();
        try
        {
            await ServeAsync(connection);
        }
        catch (ProtocolException mistake)
        {
            gateway.Metrics.ProtocolError();
            log.ClosedByProtocolError(connection.ConnectionId, mistake.Reason, mistake.Message);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or StaleEpochException)
        {
            // The network took the client away, or another connection did. Nobody is to blame and nobody needs to read it.
        }
        catch (Exception bug)
        {
            log.ClosedByBug(connection.ConnectionId, bug);
        }
        finally
        {
            gateway.Metrics.ConnectionClosed();
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        var admission = await new Handshake(gateway, connection).RunAsync();
        if (admission is null)
            return;

        var client = new MqttConnection(gateway, admission, connection);
        if (!gateway.Connections.TryAdd(client))
        {
            gateway.Guests?.Leave(client.ClientId, client.Epoch, client.CloseReason);
            return; // taken over before it was even here
        }

        try
        {
            await client.RunAsync();
        }
        finally
        {
            gateway.Connections.Remove(client);

            // The session must hear of it, or the will would wait for the lease of the whole gateway to end.
            if (gateway.Guests?.Leave(client.ClientId, client.Epoch, client.CloseReason) is not true)
                await CloseSessionAsync(client);
        }
    }

    // On its own: what its lambda captures would be kept as long as the connection.
    private Task CloseSessionAsync(MqttConnection client) => Patience.UntilDoneAsync(
        () => client.Session.Close(client.Epoch, client.CloseReason, client.SessionExpiry),
        gateway.Time, gateway.Log, CancellationToken.None);
}
