using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>
/// Accepts clients on the first of the loops, gives them to all in turn, and has them served. Kestrel, which began it and ends
/// it, is given none: it would wake a thread of the pool for each.
/// </summary>
internal sealed class SocketListener : IConnectionListener, IServed
{
    private const int Backlog = 512;
    private const int MostOfTurn = 16; // then those who are in have theirs

    private static readonly TimeSpan _breath = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly SafeHandle _handle;
    private readonly SocketLoop[] _loops;
    private readonly OpenConnections _connections;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _isEverywhere;
    private readonly int _slot;
    private uint _next;
    private volatile bool _isOver;
    private bool _hasLeft;

    /// <param name="endPoint">Where to listen.</param>
    /// <param name="loops">Who serves the sockets.</param>
    /// <param name="connections">Who serves the clients.</param>
    /// <param name="patience">How long the clients may take to go when all ends.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="AddressInUseException">Somebody listens there.</exception>
    public SocketListener(
        IPEndPoint endPoint, SocketLoop[] loops, OpenConnections connections, TimeSpan patience, TimeProvider time)
    {
        _loops = loops;
        _connections = connections;
        _patience = patience;
        _time = time;
        _isEverywhere = endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                _socket.DualMode = true;
            _socket.NoDelay = true; // all that it accepts have it from there
            _socket.Blocking = false;
            _socket.Bind(endPoint);
            _socket.Listen(Backlog);
            EndPoint = _socket.LocalEndPoint!;
            _handle = _socket.SafeHandle;
            _slot = loops[0].Add(this);
        }
        catch (Exception failure)
        {
            _socket.Dispose();
            if (failure is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
                throw new AddressInUseException(failure.Message, failure);
            throw;
        }
    }

    public EndPoint EndPoint { get; }

    string IServed.Name => $"listener {EndPoint}";

    SafeHandle IServed.Socket => _handle;

    /// <summary>Nobody, when no more are accepted.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.Task.WaitAsync(cancellationToken);
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _isOver = true;
        _socket.Dispose();
        _loops[0].Post(this);
        _unbound.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        await _connections.EndAsync(_patience, _time);
    }

    void IServed.OnNews(uint happened) => AcceptSome();

    void IServed.Attend()
    {
        if (!_isOver)
        {
            AcceptSome();
        }
        else if (!_hasLeft)
        {
            _hasLeft = true;
            _loops[0].Remove(_slot);
        }
    }

    // Kestrel says it, and stops.
    void IServed.Drop(Exception bug) => _unbound.TrySetException(bug);

    private void AcceptSome()
    {
        try
        {
            for (var left = MostOfTurn; left > 0; left--)
            {
                var file = Linux.Accept(_handle, out var client);
                if (file == -Linux.TryAgain)
                    return;
                if (file >= 0)
                    Take(new ClientSocket(file), client!);
                else if (file is not (-Linux.Aborted or -Linux.Interrupted))
                    throw new IOException(Marshal.GetPInvokeErrorMessage(-file));
            }

            _loops[0].Post(this); // there may be more
        }
        catch (ObjectDisposedException)
        {
            // No more are accepted.
        }
        catch (IOException)
        {
            _ = GoOnLaterAsync(); // without a pause it would be tried all the time, until somebody has gone
        }
    }

    // Also when that fails, because there is no room for it: then its socket must not be kept.
    private void Take(ClientSocket socket, IPEndPoint client)
    {
        SocketConnection connection;
        try
        {
            var here = _isEverywhere ? Linux.LocalEndPoint(socket) : EndPoint;
            connection = new SocketConnection(socket, here, client, _loops[_next++ % (uint)_loops.Length]);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }

        _connections.Begin(connection);
    }

    private async Task GoOnLaterAsync()
    {
        await Task.Delay(_breath, _time);
        _loops[0].Post(this);
    }
}
