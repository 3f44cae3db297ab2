using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Orleans.Mqtt.Gateway.Hosting.Transport;

/// <summary>Awaits connections of other processes of the cluster.</summary>
internal sealed class ClusterListener : IConnectionListener
{
    private const int Backlog = 512;

    // For what does not pass at once, such as too many open files: it is not to be tried without a pause.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

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
                return ClusterSocket.Of(await _socket.AcceptAsync(cancellationToken));
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
                // Mostly one that was gone before it was taken: the next one.
                await Task.Delay(_pause, cancellationToken);
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
