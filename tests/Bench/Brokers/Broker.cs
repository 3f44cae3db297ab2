using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Sockets;
using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>A broker that runs as one or more processes of its own, from its readiness to its end.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private const int LinesKept = 30;

    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _stopPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(10);

    private readonly List<Process> _processes = [];
    private readonly IReadOnlyList<Part> _parts;
    private readonly DirectoryInfo _folder;
    private readonly ConcurrentQueue<string> _lastLines = new();

    private Broker(Recipe recipe)
    {
        Recipe = recipe;
        Ports = [.. Enumerable.Range(0, recipe.Doors).Select(_ => FreePort.Next())];
        _folder = Directory.CreateTempSubdirectory("orleans-mqtt-bench-");
        _parts = recipe.Prepare(Ports, _folder.FullName);
    }

    public Recipe Recipe { get; }

    /// <summary>Where clients connect.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>From the start of its first process to the first client that was let in at each door.</summary>
    public TimeSpan StartedIn { get; private set; }

    /// <summary>All its processes together.</summary>
    public Usage Usage => _processes.Select(process => Usage.Of(process.Id)).Aggregate((one, other) => one + other);

    /// <summary>The last things it said, for when it failed.</summary>
    public string LastLines => string.Join('\n', _lastLines);

    /// <summary>Starts it, and returns when it has accepted an MQTT client.</summary>
    public static async Task<Broker> StartAsync(Recipe recipe, CancellationToken stopping)
    {
        var broker = new Broker(recipe);
        try
        {
            var start = Stopwatch.GetTimestamp();
            foreach (var part in broker._parts)
            {
                broker.Start(part);
                if (part.ReadyPort is { } port)
                    await broker.BecomeReadyAsync(() => ListensAsync(port, stopping), stopping);
            }

            foreach (var port in broker.Ports)
                await broker.BecomeReadyAsync(() => AcceptsAsync(port, stopping), stopping);
            broker.StartedIn = Stopwatch.GetElapsedTime(start);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The last one first: what others build on ends after them.
        foreach (var process in Enumerable.Reverse(_processes))
        {
            if (!process.HasExited)
                await StopAsync(process);
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private void Start(Part part)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(part.File, part.Arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = _folder.FullName,
            },
        };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        _processes.Add(process);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private async Task StopAsync(Process process)
    {
        _ = Libc.Signal(process.Id, Libc.SignalTerminate);
        using var patience = new CancellationTokenSource(_stopPatience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It was asked in time and does not go.
            Console.Error.WriteLine($"{Recipe.Name} did not stop within {_stopPatience.TotalSeconds} s and is killed");
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task BecomeReadyAsync(Func<Task<bool>> isReady, CancellationToken stopping)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isReady())
        {
            if (_processes.Exists(process => process.HasExited))
                throw new BrokenRunException($"{Recipe.Name} ended while starting:\n{LastLines}");

            if (Stopwatch.GetElapsedTime(start) > _startPatience)
                throw new BrokenRunException($"{Recipe.Name} accepts no client:\n{LastLines}");

            await Task.Delay(_look, stopping);
        }
    }

    private static async Task<bool> ListensAsync(int port, CancellationToken stopping)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, stopping);
            return true;
        }
        catch (SocketException)
        {
            return false; // not yet
        }
    }

    private static async Task<bool> AcceptsAsync(int port, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
            var stream = client.GetStream();
            await stream.WriteAsync(Packets.Connect("bench-ready", clean: true), patience.Token);
            var answer = new byte[4];
            await stream.ReadExactlyAsync(answer, patience.Token);
            await stream.WriteAsync(Packets.Disconnect, patience.Token);
            return answer is [Packets.ConnAck, 2, _, 0];
        }
        catch (Exception notYet) when (notYet is SocketException or IOException
            || (notYet is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;

        _lastLines.Enqueue(line);
        if (_lastLines.Count > LinesKept)
            _lastLines.TryDequeue(out _);
    }
}
