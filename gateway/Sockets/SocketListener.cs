using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>Accepts clients and gives them to the loops in turn.</summary>
internal sealed class SocketListener : IConnectionListener
{
    private const int Backlog = 512;

    private static readonly TimeSpan _breath = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly SocketLoop[] _loops;
    private readonly TimeProvider _time;
    private uint _next;

    /// <exception cref="AddressInUseException">Somebody listens there.</exception>
    public SocketListener(IPEndPoint endPoint, SocketLoop[] loops, TimeProvider time)
    {
        _loops = loops;
        _time = time;
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                _socket.DualMode = true;
            _socket.Bind(endPoint);
            _socket.Listen(Backlog);
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            _socket.Dispose();
            throw new AddressInUseException(failure.Message, failure);
        }

        EndPoint = _socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return Take(await _socket.AcceptAsync(cancellationToken));
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.OperationAborted)
            {
                return null;
            }
            catch (Exception failure) when (failure is IOException
                or SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable })
            {
                await Task.Delay(_breath, _time, cancellationToken); // until somebody has gone
            }
            catch (SocketException)
            {
                // this one has gone before it was let in
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    // Also when that fails, because it is gone already or there is no room for it: then its socket must not be kept.
    private SocketConnection Take(Socket client)
    {
        try
        {
            client.NoDelay = true;
            return new SocketConnection(client, _loops[_next++ % (uint)_loops.Length]);
        }
        catch (Exception)
        {
            client.Dispose();
            throw;
        }
    }
}
