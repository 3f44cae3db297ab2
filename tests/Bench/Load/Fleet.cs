using System.Diagnostics;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>All threads and clients of one run against one broker.</summary>
internal sealed class Fleet : IDisposable
{
    private const int OpeningAtOnce = 200;

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(2);

    private readonly LoadThread[] _threads;
    private readonly CancellationToken _stopping;
    private readonly IReadOnlyList<int> _ports;

    public Fleet(IReadOnlyList<int> ports, byte level, int threads, int publishers, CancellationToken stopping)
    {
        Level = level;
        _ports = ports;
        _stopping = stopping;
        _threads = new LoadThread[threads];
        for (var number = 0; number < threads; number++)
            _threads[number] = new LoadThread(this, number, publishers);
    }

    /// <summary>The door of a client, always the same one; those of a pair are not alike in this.</summary>
    public int PortOf(string clientId)
    {
        var hash = 2_166_136_261u;
        foreach (var letter in clientId)
            hash = (hash ^ letter) * 16_777_619;
        return _ports[(int)((hash >> 16) % _ports.Count)];
    }

    /// <summary>The version of MQTT, as in the CONNECT.</summary>
    public byte Level { get; }

    public IReadOnlyList<LoadThread> Threads => _threads;

    public long Received => _threads.Sum(thread => thread.Received);

    /// <summary>When the last bytes were read by anyone.</summary>
    public long LastReadAt => _threads.Max(thread => thread.ReadAt);

    public LoadThread ThreadOf(int number) => _threads[number % _threads.Length];

    public long Delivered(int publisher)
    {
        var delivered = 0L;
        foreach (var thread in _threads)
            delivered += thread.Delivered(publisher);

        return delivered;
    }

    public void RingOthers(LoadThread ringer)
    {
        foreach (var thread in _threads)
        {
            if (thread != ringer)
                thread.Ring();
        }
    }

    public async Task OpenAsync(IReadOnlyCollection<Client> clients, TimeSpan patience)
    {
        foreach (var some in clients.Chunk(OpeningAtOnce))
        {
            await DoAsync(some, client => client.Open());
            if (!await UntilAsync(() => some.All(client => client.IsReady), patience))
                throw new BrokenRunException($"{some.Count(client => !client.IsReady)} clients could not connect");
        }

        await DoAsync(clients.OfType<Publisher>(), publisher => publisher.Thread.Add(publisher));
    }

    /// <summary>All say goodbye, and return when the broker has closed every connection.</summary>
    public async Task PartAsync(IReadOnlyCollection<Client> clients, TimeSpan patience)
    {
        await DoAsync(clients, client => client.Part());
        if (!await UntilAsync(() => !clients.Any(client => client.IsParting), patience))
            throw new BrokenRunException("the broker does not close connections that have said DISCONNECT");
    }

    /// <summary>Has each client do it on its own thread.</summary>
    public async Task DoAsync<TClient>(IEnumerable<TClient> clients, Action<TClient> errand)
        where TClient : Client
    {
        foreach (var ofThread in clients.GroupBy(client => client.Thread))
        {
            await ofThread.Key.DoAsync(() =>
            {
                foreach (var client in ofThread)
                    errand(client);
            }).WaitAsync(TimeSpan.FromSeconds(10), _stopping);
            ThrowIfFailed();
        }
    }

    /// <summary>Waits for it; false when patience ends before.</summary>
    public async Task<bool> UntilAsync(Func<bool> isTrue, TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();
        while (!isTrue())
        {
            ThrowIfFailed();
            if (Stopwatch.GetElapsedTime(start) > patience)
                return false;

            await Task.Delay(_look, _stopping);
        }

        return true;
    }

    /// <summary>Lets the load run for a time.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < time)
        {
            await Task.Delay(Min(time - elapsed, TimeSpan.FromMilliseconds(50)), _stopping);
            ThrowIfFailed();
        }
    }

    public void ThrowIfFailed()
    {
        if (_threads.Select(thread => thread.Failure).FirstOrDefault(failure => failure is not null) is { } failure)
            throw new BrokenRunException(failure);
    }

    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Dispose();
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
