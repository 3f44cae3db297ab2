using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Orleans.Mqtt.Gateway.Hosting.Transport;

/// <summary>Awaits connections of other processes of the cluster.</summary>
internal sealed class ClusterListener : IConnectionListener
{
    private const int Backlog = 512;

    private readonly Socket _socket;

    public ClusterListener(Socket bound)
    {
        _socket = bound;
        _socket.Listen(Backlog);
        EndPoint = _socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    /// <summary>The next connection; null when no more are awaited.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var socket = await _socket.AcceptAsync(cancellationToken);
                socket.Configure();
                return new ClusterSocket(socket);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException)
            {
                // It was gone before it was taken: the next one.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => DisposeAsync();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
