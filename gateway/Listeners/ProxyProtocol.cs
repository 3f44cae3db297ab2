using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>Takes the PROXY header off a connection. On a listener that expects one, nobody is served without.</summary>
internal sealed class ProxyProtocol(IOptions<GatewayOptions> options, TimeProvider time, ILogger<ProxyProtocol> log)
{
    public ConnectionDelegate Chain(ConnectionDelegate next) => async connection =>
    {
        using (var patience = new CancellationTokenSource(options.Value.ConnectTimeout, time))
        {
            try
            {
                if (!await TryReadHeaderAsync(connection, patience.Token))
                    return;
            }
            catch (Exception failure) when (failure is FormatException or OperationCanceledException or IOException)
            {
                log.HeaderRefused(connection.ConnectionId, failure.Message);
                connection.Abort();
                return;
            }
        }

        await next(connection);
    };

    private static async Task<bool> TryReadHeaderAsync(ConnectionContext connection, CancellationToken patience)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(patience);
            var unread = read.Buffer;
            var isRead = false;
            try
            {
                isRead = ProxyHeader.TryRead(ref unread, out var client);
                connection.RemoteEndPoint = client ?? connection.RemoteEndPoint;
            }
            finally
            {
                // What follows the header was not looked at: the next reader is to see it at once.
                input.AdvanceTo(unread.Start, isRead ? unread.Start : unread.End);
            }

            if (isRead || read.IsCompleted)
                return isRead;
        }
    }
}
