using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>
/// A thread that serves many sockets in turns: it receives from all that have news, has what came handled on the spot, and at
/// the end of the turn sends what that has written, once a socket. So a lone message passes without waking another thread, and
/// what comes together leaves together.
/// </summary>
internal sealed class SocketLoop : PipeScheduler, IDisposable
{
    private const int ForEver = -1;
    private const int Many = 16;
    private const int SegmentSize = 16 * 1024;
    private const int MostUnread = 128 * 1024;
    private const int MostUnsent = 64 * 1024;

    [ThreadStatic]
    private static SocketLoop? _current;

    private readonly ILogger _log;
    private readonly Epoll _epoll = new();
    private readonly Thread _thread;
    private readonly Queue<SocketConnection> _due = []; // of this thread
    private readonly Lock _gate = new();
    private readonly Stack<int> _freeSlots = []; // under the gate, as what follows
    private SocketConnection?[] _connections = new SocketConnection?[64];
    private List<SocketConnection> _posted = [];
    private List<SocketConnection> _taken = [];
    private int _slots;
    private int _isAsleep;
    private bool _runsReader; // the next thing to be scheduled is the reader of what was just received
    private volatile bool _isStopping;

    public SocketLoop(int number, BlockPool blocks, ILogger log)
    {
        _log = log;
        Incoming = new PipeOptions(
            readerScheduler: this, writerScheduler: Inline, useSynchronizationContext: false,
            minimumSegmentSize: SegmentSize, pauseWriterThreshold: MostUnread, resumeWriterThreshold: MostUnread / 2);
        Outgoing = new PipeOptions(
            blocks, readerScheduler: Inline, writerScheduler: Inline, useSynchronizationContext: false,
            pauseWriterThreshold: MostUnsent, resumeWriterThreshold: MostUnsent / 2);
        _thread = new Thread(Run) { IsBackground = true, Name = $"sockets {number}" };
        _thread.Start();
    }

    /// <summary>The loop whose thread this is.</summary>
    public static SocketLoop? Current => _current;

    /// <summary>For what is received. It is gone before the next socket's turn, so one block of a good size serves all.</summary>
    public PipeOptions Incoming { get; }

    /// <summary>For what is to be sent.</summary>
    public PipeOptions Outgoing { get; }

    /// <summary>Begins to serve a connection; the slot is its number here.</summary>
    public int Add(SocketConnection connection)
    {
        lock (_gate)
        {
            if (!_freeSlots.TryPop(out var slot))
                slot = _slots++;
            if (slot == _connections.Length)
                Array.Resize(ref _connections, slot * 2);
            Volatile.Write(ref _connections[slot], connection);
            _epoll.Add(connection.Socket, slot);
            return slot;
        }
    }

    /// <summary>On this thread: no news of it may be under way when its slot is given to another.</summary>
    public void Remove(int slot)
    {
        lock (_gate)
        {
            _connections[slot] = null;
            _freeSlots.Push(slot);
        }
    }

    /// <summary>Has <see cref="SocketConnection.Attend"/> called on this thread, soon.</summary>
    public void Post(SocketConnection connection)
    {
        if (_current == this)
        {
            _due.Enqueue(connection);
            return;
        }

        lock (_gate)
            _posted.Add(connection);
        if (Interlocked.Exchange(ref _isAsleep, 0) != 0)
            _epoll.Ring();
    }

    /// <summary>Hands over what was received: who waits for it goes on here, at once.</summary>
    public ValueTask<FlushResult> Hand(PipeWriter received)
    {
        _runsReader = true;
        try
        {
            return received.FlushAsync();
        }
        finally
        {
            _runsReader = false;
        }
    }

    /// <summary>
    /// Whatever else lets a reader go on has somebody else at work, maybe with a lock in his hand: it goes on in the pool.
    /// </summary>
    public override void Schedule(Action<object?> action, object? state)
    {
        if (_current == this && _runsReader)
        {
            _runsReader = false;
            action(state);
            return;
        }

        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
    }

    public void Dispose()
    {
        _isStopping = true;
        _epoll.Ring();
        _thread.Join();
        _epoll.Dispose();
    }

    private void Run()
    {
        _current = this;
        while (!_isStopping)
        {
            var count = _epoll.Wait(MaySleep() ? ForEver : 0);
            _isAsleep = 0;
            TakeNews(count);
            if (_due.Count > Many)
                TakeNews(_epoll.Wait(0)); // what came meanwhile leaves with it
            TakePosted();
            for (var left = _due.Count; left > 0; left--)
                Attend(_due.Dequeue());
        }
    }

    private void TakeNews(int count)
    {
        for (var index = 0; index < count; index++)
        {
            if (_epoll.TryGet(index, out var slot, out var happened)
                && Volatile.Read(ref _connections)[slot] is { } connection)
                Tell(connection, happened);
        }
    }

    // Each connection has a judge of its own: what one of them dies of is not to end the others, or the process.
    private void Tell(SocketConnection connection, uint happened)
    {
        try
        {
            connection.OnNews(happened);
        }
        catch (Exception bug)
        {
            Drop(connection, bug);
        }
    }

    private void Attend(SocketConnection connection)
    {
        try
        {
            connection.Attend();
        }
        catch (Exception bug)
        {
            Drop(connection, bug);
        }
    }

    private void Drop(SocketConnection connection, Exception bug)
    {
        _log.ClosedByBug(connection.ConnectionId, bug);
        connection.Abort(new ConnectionAbortedException(bug.Message, bug));
    }

    private bool MaySleep()
    {
        if (_due.Count > 0)
            return false;

        Interlocked.Exchange(ref _isAsleep, 1); // first: who posts now rings
        return Volatile.Read(ref _posted).Count == 0;
    }

    private void TakePosted()
    {
        if (Volatile.Read(ref _posted).Count == 0)
            return;

        lock (_gate)
            (_posted, _taken) = (_taken, _posted);
        foreach (var connection in _taken)
            _due.Enqueue(connection);
        _taken.Clear();
    }
}
