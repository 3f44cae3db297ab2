using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Orleans.Mqtt.Tests.Bench.Sockets;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>
/// One thread that owns many connections: waits for readiness, reads whole buffers, writes whole bursts. All state of
/// its clients is touched by it alone; others ask it with <see cref="DoAsync"/>.
/// </summary>
internal sealed unsafe class LoadThread : IDisposable
{
    public const int InputCapacity = 256 * 1024;

    private const int AlarmSlot = -1;
    private const int ClockSlot = -2;
    private const int LongestWaitMilliseconds = 100;

    private readonly Epoll _epoll = new();
    private readonly Alarm _alarm = Alarm.ByOthers();
    private readonly Alarm _clock = Alarm.ByClock();
    private readonly ConcurrentQueue<Action> _errands = new();
    private readonly List<Client?> _clients = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly List<Publisher> _publishers = [];
    private readonly long[] _delivered;
    private readonly Thread _thread;
    private Pacer? _pacer;
    private long _received;
    private long _connects;
    private string? _failure;
    private volatile bool _isStopping;

    public LoadThread(Fleet fleet, int number, int publishers)
    {
        Fleet = fleet;
        Number = number;
        _delivered = new long[publishers];
        _epoll.Add(_alarm.File, AlarmSlot, Epoll.Readable);
        _epoll.Add(_clock.File, ClockSlot, Epoll.Readable);
        _thread = new Thread(Run) { IsBackground = true, Name = $"load {number}" };
        _thread.Start();
    }

    public Fleet Fleet { get; }

    public int Number { get; }

    public byte* Input { get; } = (byte*)NativeMemory.Alloc(InputCapacity);

    public Gather Output { get; } = new();

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>When the bytes that are being handled were read.</summary>
    public long ReadAt { get; private set; }

    /// <summary>Connections completed, for those scenarios that count them.</summary>
    public long Connects => Volatile.Read(ref _connects);

    /// <summary>Messages heard here, each once.</summary>
    public long Received => Volatile.Read(ref _received);

    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>Set when another thread's publisher may send again because of what was heard here.</summary>
    public bool OwesRing { get; set; }

    public long Delivered(int publisher) => Volatile.Read(ref _delivered[publisher]);

    public void NoteRead() => ReadAt = Stopwatch.GetTimestamp();

    public void NoteReceived() => _received++;

    public void NoteConnect() => _connects++;

    public void Credit(int publisher, long messages)
    {
        _delivered[publisher] += messages;
        OwesRing |= Fleet.ThreadOf(publisher) != this;
    }

    public void Fail(string reason) => Interlocked.CompareExchange(ref _failure, reason, null);

    public void Ring() => _alarm.Ring();

    public Task DoAsync(Action errand)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _errands.Enqueue(() =>
        {
            try
            {
                errand();
                done.SetResult();
            }
            catch (Exception bug)
            {
                // It belongs to whoever sent us on the errand.
                done.SetException(bug);
            }
        });
        _alarm.Ring();
        return done.Task;
    }

    public int Enter(Client client, int socket)
    {
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _clients.Count;
            _clients.Add(null);
        }

        _clients[slot] = client;
        _epoll.Add(socket, slot, Epoll.Readable | Epoll.Writable);
        return slot;
    }

    public void Leave(int slot)
    {
        _clients[slot] = null;
        _freeSlots.Push(slot);
    }

    public void Watch(int socket, int slot, bool forWriting) =>
        _epoll.Change(socket, slot, forWriting ? Epoll.Readable | Epoll.Writable : Epoll.Readable);

    public void Add(Publisher publisher) => _publishers.Add(publisher);

    public void Pace(Pacer? pacer)
    {
        _pacer = pacer;
        _clock.RingEvery(pacer?.Interval ?? TimeSpan.Zero);
    }

    public void Dispose()
    {
        _isStopping = true;
        _alarm.Ring();
        _thread.Join();
        _epoll.Dispose();
        _alarm.Dispose();
        _clock.Dispose();
        Output.Dispose();
        NativeMemory.Free(Input);
    }

    private void Run()
    {
        try
        {
            while (!_isStopping)
                Turn();

            for (var slot = 0; slot < _clients.Count; slot++)
                _clients[slot]?.Close();
        }
        catch (Exception bug)
        {
            // The one judge of this thread: the scenario that waits for us reads it and ends.
            Fail(bug.ToString());
        }
    }

    private void Turn()
    {
        while (_errands.TryDequeue(out var errand))
            errand();

        var count = _epoll.Wait(LongestWaitMilliseconds);
        for (var index = 0; index < count; index++)
            Handle(_epoll.Slot(index), _epoll.Happened(index));

        foreach (var publisher in _publishers)
            publisher.Pump();

        if (OwesRing)
        {
            OwesRing = false;
            Fleet.RingOthers(this);
        }
    }

    private void Handle(int slot, uint happened)
    {
        if (slot is AlarmSlot)
        {
            _alarm.Silence();
        }
        else if (slot is ClockSlot)
        {
            _clock.Silence();
            _pacer?.Tick();
        }
        else
        {
            _clients[slot]?.Handle(happened);
        }
    }
}
