using System.IO.Pipelines;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>
/// The socket of a client as Kestrel knows connections. Its loop receives; whichever loop has written to it sends.
/// </summary>
internal sealed class SocketConnection : ConnectionContext, IDuplexPipe, IServed
{
    private const int SmallestRead = 2048;
    private const int Both = 2;

    private static long _ids;

    private readonly ClientSocket _socket;
    private readonly SocketLoop _loop;
    private readonly Pipe _incoming;
    private readonly SocketOutput _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly int _slot;
    private TaskCompletionSource? _left;
    private IDuplexPipe? _transport;
    private IDictionary<object, object?>? _items;
    private string? _id;
    private ConnectionAbortedException? _abortReason;
    private int _errands;
    private volatile bool _isPaused; // more waits for the handler than may wait
    private bool _sawEnd; // of the loop, as what follows: there is something behind a short read, too
    private bool _isOver;
    private bool _hasLeft;

    public SocketConnection(ClientSocket socket, EndPoint here, EndPoint client, SocketLoop loop)
    {
        _socket = socket;
        _loop = loop;
        LocalEndPoint = here;
        RemoteEndPoint = client;
        ConnectionClosed = _closed.Token;
        _incoming = new Pipe(loop.Incoming);
        _output = new SocketOutput(this, loop.Outgoing);
        _slot = loop.Add(this);
    }

    [Flags]
    private enum Errand
    {
        Receive = 1,
        Leave = 2,
    }

    string IServed.Name => ConnectionId;

    public SafeHandle Socket => _socket;

    public SocketLoop Loop => _loop;

    public override string ConnectionId
    {
        get => _id ??= $"S{Interlocked.Increment(ref _ids):X}";
        set => _id = value;
    }

    public override IFeatureCollection Features { get; } = new FewFeatures();

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new Dictionary<object, object?>();
        set => _items = value;
    }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override IDuplexPipe Transport
    {
        get => _transport ?? this;
        set => _transport = value;
    }

    public PipeReader Input => _incoming.Reader;

    public PipeWriter Output => _output;

    /// <summary>On the loop: the socket has something, or takes something again, or has ended.</summary>
    public void OnNews(uint happened)
    {
        if ((happened & (Epoll.Writable | Epoll.Ended)) != 0)
            _output.OnWritable();
        _sawEnd |= (happened & Epoll.Ended) != 0;
        if (_sawEnd || (happened & Epoll.Readable) != 0)
            Receive();
    }

    /// <summary>On a loop, its own or another: does what is due.</summary>
    public void Attend()
    {
        _output.SendIfDue();
        if (SocketLoop.Current != _loop || Volatile.Read(ref _errands) == 0)
            return;

        var errands = (Errand)Interlocked.Exchange(ref _errands, 0);
        if ((errands & Errand.Receive) != 0)
            Receive();
        if ((errands & Errand.Leave) != 0)
            Leave();
    }

    /// <summary>On a loop: all is sent that ever will be. Says FIN, and has the end of what is received come.</summary>
    public void OnSent()
    {
        if (Volatile.Read(ref _left) is null)
            ShutDown(); // who writes on is told by the pipe, who reads by this
        else if (SocketLoop.Current == _loop)
            Leave();
        else
            Ask(Errand.Leave);
    }

    /// <summary>It is ended here; whoever serves it hears of it and leaves.</summary>
    public void Drop(Exception bug) => Abort(new ConnectionAbortedException(bug.Message, bug));

    /// <summary>Callers hold locks: what waits for the end goes on elsewhere, later.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        Interlocked.CompareExchange(ref _abortReason, abortReason, null);
        ShutDown();
    }

    public override async ValueTask DisposeAsync()
    {
        var left = new TaskCompletionSource();
        if (Interlocked.CompareExchange(ref _left, left, null) is null)
        {
            await Input.CompleteAsync();
            await Output.CompleteAsync();
            if (_output.IsOver)
                Ask(Errand.Leave);
        }

        await _left.Task;
        await base.DisposeAsync();
    }

    private void ShutDown()
    {
        try
        {
            _ = Linux.Shutdown(Socket, Both);
        }
        catch (ObjectDisposedException)
        {
            // closed already
        }
    }

    private void Ask(Errand errand)
    {
        if (Interlocked.Or(ref _errands, (int)errand) == 0)
            _loop.Post(this);
    }

    private void Receive()
    {
        if (_isOver)
            return;
        if (_isPaused)
        {
            // What it said is taken when there is room, and its end comes behind, unless it is ended from here.
            if (_sawEnd && Volatile.Read(ref _abortReason) is { } reason)
                EndReceiving(reason);
            return;
        }

        var room = _incoming.Writer.GetMemory(SmallestRead);
        var count = Linux.Receive(Socket, room.Span);
        if (count > 0)
            Take(count, mayHaveMore: count == room.Length || _sawEnd);
        else if (count == 0)
            EndReceiving(_abortReason);
        else if (count == -Linux.Interrupted)
            Ask(Errand.Receive);
        else if (count != -Linux.TryAgain)
            EndReceiving(new ConnectionResetException(Marshal.GetPInvokeErrorMessage(-count)));
    }

    private void Take(int count, bool mayHaveMore)
    {
        _incoming.Writer.Advance(count);
        var flush = _loop.Hand(_incoming.Writer);
        if (!flush.IsCompleted)
        {
            _isPaused = true;
            _ = ResumeAsync(flush); // ends with the pipe
        }
        else if (mayHaveMore && !flush.Result.IsCompleted) // it is there: nothing waits
        {
            Ask(Errand.Receive); // in the next turn: the others come first
        }
    }

    private async Task ResumeAsync(ValueTask<FlushResult> room)
    {
        await room;
        _isPaused = false;
        Ask(Errand.Receive);
    }

    private void EndReceiving(Exception? reason)
    {
        if (_isOver)
            return;
        _isOver = true;
        _incoming.Writer.Complete(reason);
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection._closed.Cancel(), this, preferLocal: false);
    }

    private void Leave()
    {
        if (_hasLeft)
            return;
        _hasLeft = true;
        _isOver = true;
        _incoming.Writer.Complete();
        _loop.Remove(_slot);
        _socket.Dispose();
        try
        {
            _closed.Cancel(); // here, where nobody holds a lock: most have nothing left that waits for it
        }
        finally
        {
            _left!.TrySetResult();
        }
    }
}
