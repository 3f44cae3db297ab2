using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>How a process ended, and all that it said.</summary>
public sealed record Ended(int ExitCode, IReadOnlyList<string> Output);

/// <summary>A process that a test started: its output is kept, and it does not outlive the test.</summary>
public sealed class RunningProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<RunningProcess, bool> _alive = [];
    private static readonly TimeSpan _patienceWithStart = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = [];
    private readonly Action<string>? _heard;

    // Also when the tests are stopped, or fail in a way that nobody thought of.
    static RunningProcess()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => KillAll();
        Console.CancelKeyPress += (_, _) => KillAll();
    }

    private RunningProcess(ProcessStartInfo start, Action<string>? heard)
    {
        _heard = heard;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
    }

    public int Id => _process.Id;

    /// <summary>What it is told, if it was started so that it can be.</summary>
    public StreamWriter Input => _process.StandardInput;

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Output => [.. _output];

    public static RunningProcess Start(string program, params string[] arguments) =>
        Start(new ProcessStartInfo(program, arguments));

    /// <summary><paramref name="heard"/> is told each line as it comes.</summary>
    public static RunningProcess Start(ProcessStartInfo start, Action<string>? heard = null)
    {
        var running = new RunningProcess(start, heard);
        running._process.Start();
        _alive.TryAdd(running, true);
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Waits until it is ready, by whatever shows that; long, because a busy machine is no fault of it.</summary>
    public async Task ReadyAsync(Func<Task<bool>> isReady)
    {
        using var patience = new CancellationTokenSource(_patienceWithStart);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!await isReady())
        {
            if (_process.HasExited || patience.IsCancellationRequested)
                throw new InvalidOperationException($"it did not get ready; the output was:\n{Transcript()}");
            await ticks.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Waits for a line that contains this.</summary>
    public async Task SaysAsync(string part)
    {
        using var patience = new CancellationTokenSource(RawClient.Patience);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!HasSaid(part) && !_process.HasExited && !patience.IsCancellationRequested)
            await ticks.WaitForNextTickAsync(CancellationToken.None);

        // Its last words may still be on their way when it has ended already.
        if (_process.HasExited)
            await EndAsync();
        if (!HasSaid(part))
            throw new InvalidOperationException($"'{part}' was never said; the output was:\n{Transcript()}");
    }

    /// <summary>As the power cut does it: SIGKILL.</summary>
    public async Task<Ended> KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        return await EndAsync();
    }

    /// <summary>As an operator does it: SIGTERM, and time to put things in order.</summary>
    public async Task<Ended> TerminateAsync()
    {
        _ = Signal(_process.Id, 15);
        return await EndAsync();
    }

    /// <summary>
    /// SIGSTOP: it keeps its sockets and does nothing, as a machine that swaps or a virtual one that is moved. Returns when
    /// none of its threads runs any more: until each has taken the signal, it may go on for a while.
    /// </summary>
    public void Pause()
    {
        _ = Signal(_process.Id, 19);
        SpinWait.SpinUntil(() => _process.HasExited || Directory.GetDirectories($"/proc/{_process.Id}/task").All(IsStopped));
    }

    /// <summary>SIGCONT.</summary>
    public void Resume() => _ = Signal(_process.Id, 18);

    /// <summary>Waits until it ends by itself.</summary>
    public Task<Ended> EndAsync() => EndAsync(TimeSpan.FromMinutes(2));

    /// <summary>Waits until it ends by itself, for one that works longer.</summary>
    public async Task<Ended> EndAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await _process.WaitForExitAsync(limit.Token);
        return new Ended(_process.ExitCode, Output);
    }

    public string Transcript() => string.Join('\n', _output);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _alive.TryRemove(this, out _);
        _process.Dispose();
    }

    /// <summary>The state of a thread is the letter behind its name, which is in brackets.</summary>
    private static bool IsStopped(string thread)
    {
        try
        {
            var state = File.ReadAllText(Path.Combine(thread, "stat"));
            return state[state.LastIndexOf(')') + 2] is 'T' or 't';
        }
        catch (IOException)
        {
            return true; // it has ended meanwhile
        }
    }

    private static void KillAll()
    {
        foreach (var running in _alive.Keys)
            _ = Signal(running._process.Id, 9);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int processId, int signal);

    private bool HasSaid(string part) => _output.Any(line => line.Contains(part, StringComparison.Ordinal));

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;

        _output.Enqueue(line.Data);
        _heard?.Invoke(line.Data);
    }
}
