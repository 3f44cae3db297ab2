using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Orleans.Mqtt.Gateway.Hosting.Transport;

/// <summary>
/// A connection between two processes of the cluster. No task of its own: whoever reads receives, and whoever flushes sends.
/// </summary>
internal sealed class ClusterSocket : DefaultConnectionContext
{
    private static long _last;

    // Not the one that the base class has: that one is disposed, and then an end that comes late would fail unseen.
    private readonly CancellationTokenSource _closed = new();
    private readonly Socket _socket;

    private ClusterSocket(Socket connected)
        : base($"cluster-{Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture)}")
    {
        _socket = connected;
        LocalEndPoint = connected.LocalEndPoint;
        RemoteEndPoint = connected.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Transport = new Duplex(new SocketReader(connected), new SocketWriter(connected));
    }

    /// <summary>Takes over the socket, also when that fails because it is gone already.</summary>
    public static ClusterSocket Of(Socket connected)
    {
        try
        {
            connected.Configure();
            return new ClusterSocket(connected);
        }
        catch (Exception)
        {
            connected.Dispose();
            throw;
        }
    }

    /// <summary>Ends it for both sides; then <c>ConnectionClosed</c> is cancelled, elsewhere. May be called again.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        _socket.Dispose();
        _ = _closed.CancelAsync(); // who is told of it answers for himself
    }

    public override ValueTask DisposeAsync()
    {
        Abort();
        return base.DisposeAsync();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
