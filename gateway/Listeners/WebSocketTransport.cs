using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>
/// A WebSocket as a connection like any other: two pipes, and what is carried between them and the socket. Where one goes and
/// the other begins is not kept, a packet may span frames and a frame hold many packets. [MQTT-6.0.0-2]
/// </summary>
internal sealed class WebSocketTransport : ConnectionContext, IDuplexPipe
{
    /// <summary>How long a client may take to read our last words and to say its own.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly IHttpRequestLifetimeFeature _request;
    private readonly TimeProvider _time;
    private readonly Pipe _incoming = new(new PipeOptions(useSynchronizationContext: false));
    private readonly Pipe _outgoing = new(new PipeOptions(minimumSegmentSize: 16 * 1024, useSynchronizationContext: false));
    private readonly CancellationTokenSource _closed = new();

    public WebSocketTransport(WebSocket socket, HttpContext http, TimeProvider time)
    {
        _socket = socket;
        _request = http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>(); // the context itself is used again
        _time = time;
        ConnectionId = http.Connection.Id;
        ConnectionClosed = _closed.Token;
        LocalEndPoint = EndPointOf(http.Connection.LocalIpAddress, http.Connection.LocalPort);
        RemoteEndPoint = EndPointOf(http.Connection.RemoteIpAddress, http.Connection.RemotePort);
        Features.Set(http.Features.Get<ListenerFeature>());
        Features.Set(http.Features.Get<ITlsConnectionFeature>());
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException("A WebSocket has one transport.");
    }

    public PipeReader Input => _incoming.Reader;

    public PipeWriter Output => _outgoing.Writer;

    /// <summary>Serves the client to its end; what was written before is sent, and the WebSocket closed in good order.</summary>
    public async Task RunAsync(ConnectionHandler handler)
    {
        var receiving = ReceiveAsync();
        var sending = SendAsync();
        try
        {
            await handler.OnConnectedAsync(this);
        }
        finally
        {
            await Input.CompleteAsync();
            await Output.CompleteAsync();
            using var impatience = _time.CreateTimer(_ => Abort(), null, FarewellTime, Timeout.InfiniteTimeSpan);
            await sending;
            await receiving; // a client that still talks must not have its answer destroyed by a reset
        }
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        // Nobody may wait for it: its callers hold locks, and cancelling runs what waits for the end.
        ThreadPool.UnsafeQueueUserWorkItem(static transport => transport.AbortNow(), this, preferLocal: false);
    }

    public override ValueTask DisposeAsync()
    {
        _closed.Dispose();
        return base.DisposeAsync();
    }

    private void AbortNow()
    {
        _request.Abort();
        _socket.Abort();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await ReceiveSomeAsync())
            {
                // on to the next
            }
        }
        catch (Exception failure) when (IsOfTheClient(failure))
        {
            // gone, or it broke a rule of WebSockets: an end like any other, so that its will is published
        }
        finally
        {
            await _incoming.Writer.CompleteAsync();
            await _closed.CancelAsync();
        }
    }

    /// <summary>False at the end. A full pipe holds it up, and with it the client.</summary>
    private async ValueTask<bool> ReceiveSomeAsync()
    {
        // Without a buffer first, so that who is silent holds no block of memory.
        var next = await _socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        if (next.MessageType is WebSocketMessageType.Close)
            return false;

        var received = await _socket.ReceiveAsync(_incoming.Writer.GetMemory(), CancellationToken.None);
        if (received.MessageType is WebSocketMessageType.Close)
            return false;

        if (received.MessageType is not WebSocketMessageType.Binary)
        {
            AbortNow(); // [MQTT-6.0.0-1]
            return false;
        }

        _incoming.Writer.Advance(received.Count);
        await _incoming.Writer.FlushAsync(); // when nobody reads any more it takes it all and forgets it
        return true;
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var read = await _outgoing.Reader.ReadAsync();
                foreach (var segment in read.Buffer)
                    await _socket.SendAsync(segment, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
                _outgoing.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }

            // Who completes the output has said all, and the client is to hang up; a socket would be shut down here.
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception failure) when (IsOfTheClient(failure))
        {
            // whoever writes on is told by the pipe
        }
        finally
        {
            await _outgoing.Reader.CompleteAsync();
        }
    }

    // A socket that was aborted, by either side, is in no state that it can be used in.
    private static bool IsOfTheClient(Exception failure) => failure
        is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    private static IPEndPoint? EndPointOf(IPAddress? address, int port) => address is null ? null : new IPEndPoint(address, port);
}
