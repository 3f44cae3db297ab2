using System.IO.Pipelines;
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
    private readonly Queue<IServed> _due = []; // of this thread
    private readonly Lock _gate = new();
    private readonly Stack<int> _freeSlots = []; // under the gate, as what follows
    private IServed?[] _served = new IServed?[64];
    private List<IServed> _posted = [];
    private List<IServed> _taken = [];
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

    /// <summary>Begins to serve a socket; the slot is its number here.</summary>
    /// <exception cref="IOException">The kernel has no room for it.</exception>
    public int Add(IServed served)
    {
        lock (_gate)
        {
            if (!_freeSlots.TryPop(out var slot))
                slot = _slots++;
            if (slot == _served.Length)
                Array.Resize(ref _served, slot * 2);
            Volatile.Write(ref _served[slot], served); // first: its news come at once
            try
            {
                _epoll.Add(served.Socket, slot);
            }
            catch (Exception)
            {
                Free(slot);
                throw;
            }

            return slot;
        }
    }

    /// <summary>On this thread: no news of it may be under way when its slot is given to another.</summary>
    public void Remove(int slot)
    {
        lock (_gate)
            Free(slot);
    }

    /// <summary>Has <see cref="IServed.Attend"/> called on this thread, soon.</summary>
    public void Post(IServed served)
    {
        if (_current == this)
        {
            _due.Enqueue(served);
            return;
        }

        lock (_gate)
            _posted.Add(served);
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

    /// <summary>The thread has ended when it returns, unless it is the one that calls.</summary>
    public void Dispose()
    {
        if (_isStopping)
            return;
        _isStopping = true;
        if (_current == this)
            return;
        _epoll.Ring();
        _thread.Join();
    }

    private void Run()
    {
        _current = this;
        while (!_isStopping)
            TakeTurn();
        _epoll.Dispose();
    }

    private void TakeTurn()
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

    private void TakeNews(int count)
    {
        for (var index = 0; index < count; index++)
        {
            if (_epoll.TryGet(index, out var slot, out var happened)
                && Volatile.Read(ref _served)[slot] is { } served)
                Tell(served, happened);
        }
    }

    // Each socket has a judge of its own: what one of them dies of is not to end the others, or the process.
    private void Tell(IServed served, uint happened)
    {
        try
        {
            served.OnNews(happened);
        }
        catch (Exception bug)
        {
            Drop(served, bug);
        }
    }

    private void Attend(IServed served)
    {
        try
        {
            served.Attend();
        }
        catch (Exception bug)
        {
            Drop(served, bug);
        }
    }

    private void Drop(IServed served, Exception bug)
    {
        _log.ClosedByBug(served.Name, bug);
        served.Drop(bug);
    }

    private void Free(int slot)
    {
        _served[slot] = null;
        _freeSlots.Push(slot);
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
        foreach (var served in _taken)
            _due.Enqueue(served);
        _taken.Clear();
    }
}
