using System.Diagnostics;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Cluster.Nodes;

/// <summary>One process of the cluster, with its place: name, ports, lines. The process comes and goes, the place stays.</summary>
internal abstract class Node(string name, ClusterPlan plan, TcpProxy? redisLine) : IAsyncDisposable
{
    private const int ShownLines = 40;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    private readonly List<string> _earlierOutput = [];
    private RunningProcess? _process;

    public string Name => name;

    /// <summary>The way to Redis; null when it is direct.</summary>
    public TcpProxy? RedisLine => redisLine;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException($"{name} does not run");

    /// <summary>Everything that all its processes wrote so far.</summary>
    public IReadOnlyList<string> Output => [.. _earlierOutput, .. _process?.Output ?? []];

    protected ClusterPlan Plan => plan;

    protected int AdminPort { get; } = FreePorts.Take();

    /// <summary>Starts the process and does not wait for it.</summary>
    public void Start()
    {
        Starts++;
        _earlierOutput.AddRange(_process?.Output ?? []); // of one that has ended by itself
        var start = new ProcessStartInfo("dotnet", Command());
        foreach (var (variable, value) in plan.Environment)
            start.Environment[variable] = value;
        _process = RunningProcess.Start(start, Hear);
    }

    public async Task StartAsync()
    {
        Start();
        await ReadyAsync();
    }

    public async Task ReadyAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await IsReadyAsync())
        {
            if (!IsRunning || patience.IsCancellationRequested)
                throw new InvalidOperationException($"{name} did not get ready; {LastWords()}");
            await ticks.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public Task<bool> IsReadyAsync() => AdminProbe.IsReadyAsync(AdminPort);

    /// <summary>SIGKILL: nothing is put in order.</summary>
    public Task<Ended> KillAsync() => StopAsync(process => process.KillAsync());

    /// <summary>SIGTERM, and how it ended.</summary>
    public Task<Ended> TerminateAsync() => StopAsync(process => process.TerminateAsync());

    /// <summary>SIGSTOP.</summary>
    public void Pause()
    {
        NoteTrouble();
        _process?.Pause();
    }

    /// <summary>SIGCONT.</summary>
    public void Resume() => _process?.Resume();

    public virtual async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        if (redisLine is not null)
            await redisLine.DisposeAsync();
    }

    /// <summary>The program and its arguments.</summary>
    protected abstract IReadOnlyList<string> Command();

    /// <summary>Connections may end now for other reasons than those of their clients.</summary>
    public virtual void NoteTrouble()
    {
    }

    /// <summary>A line that the process wrote.</summary>
    protected virtual void Hear(string line)
    {
    }

    private string LastWords() => "its last words were:\n" + string.Join('\n', Output.TakeLast(ShownLines));

    private async Task<Ended> StopAsync(Func<RunningProcess, Task<Ended>> how)
    {
        NoteTrouble();
        var process = _process ?? throw new InvalidOperationException($"{name} does not run");
        var ended = await how(process);
        _earlierOutput.AddRange(process.Output);
        await process.DisposeAsync();
        _process = null;
        return ended;
    }
}
