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

    private readonly Socket _socket;

    public ClusterSocket(Socket connected)
        : base($"cluster-{Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture)}")
    {
        _socket = connected;
        LocalEndPoint = connected.LocalEndPoint;
        RemoteEndPoint = connected.RemoteEndPoint;
        Transport = new Duplex(new SocketReader(connected), new SocketWriter(connected));
    }

    /// <summary>Ends it for both sides; then <c>ConnectionClosed</c> is cancelled.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        _socket.Dispose();
        base.Abort(abortReason);
    }

    public override ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return base.DisposeAsync();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
