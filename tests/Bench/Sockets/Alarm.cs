namespace Orleans.Mqtt.Tests.Bench.Sockets;

/// <summary>A file that wakes a thread out of its wait: by another thread, or by the clock.</summary>
internal sealed unsafe class Alarm : IDisposable
{
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000;
    private const int MonotonicClock = 1;
    private const long NanosecondsASecond = 1_000_000_000;

    private Alarm(int file) => File = file;

    public int File { get; }

    public static Alarm ByOthers() => new(Libc.Checked(Libc.EventFile(0, NonBlockingCloseOnExec), "eventfd"));

    public static Alarm ByClock() =>
        new(Libc.Checked(Libc.TimerFile(MonotonicClock, NonBlockingCloseOnExec), "timerfd_create"));

    public void Ring()
    {
        var one = 1L;
        // A full counter is as good as a ring: the sleeper has not looked yet.
        _ = Libc.Write(File, (byte*)&one, sizeof(long));
    }

    /// <summary>Rings again and again. Zero stops it.</summary>
    public void RingEvery(TimeSpan interval)
    {
        var nanoseconds = interval.Ticks * TimeSpan.NanosecondsPerTick;
        var setting = stackalloc long[]
        {
            nanoseconds / NanosecondsASecond, nanoseconds % NanosecondsASecond,
            nanoseconds / NanosecondsASecond, nanoseconds % NanosecondsASecond,
        };
        Libc.Checked(Libc.SetTimer(File, 0, setting, null), "timerfd_settime");
    }

    public void Silence()
    {
        var rings = 0L;
        _ = Libc.Read(File, (byte*)&rings, sizeof(long));
    }

    public void Dispose() => Libc.Close(File);
}
