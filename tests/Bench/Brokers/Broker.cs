using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Sockets;
using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>A broker that runs as a process of its own, from its readiness to its end.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private const int LinesKept = 30;

    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _stopPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly ConcurrentQueue<string> _lastLines = new();
    private bool _hasStarted;

    private Broker(Recipe recipe)
    {
        Recipe = recipe;
        Port = FreePort.Next();
        _folder = Directory.CreateTempSubdirectory("orleans-mqtt-bench-");
        var (file, arguments) = recipe.Prepare(Port, _folder.FullName);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(file, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = _folder.FullName,
            },
        };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public Recipe Recipe { get; }

    public int Port { get; }

    public Usage Usage => Usage.Of(_process.Id);

    /// <summary>The last things it said, for when it failed.</summary>
    public string LastLines => string.Join('\n', _lastLines);

    /// <summary>Starts it, and returns when it has accepted an MQTT client.</summary>
    public static async Task<Broker> StartAsync(Recipe recipe, CancellationToken stopping)
    {
        var broker = new Broker(recipe);
        try
        {
            broker._hasStarted = broker._process.Start();
            broker._process.BeginOutputReadLine();
            broker._process.BeginErrorReadLine();
            await broker.BecomeReadyAsync(stopping);
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
        if (_hasStarted && !_process.HasExited)
            await StopAsync();

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StopAsync()
    {
        _ = Libc.Signal(_process.Id, Libc.SignalTerminate);
        using var patience = new CancellationTokenSource(_stopPatience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It was asked in time and does not go.
            Console.Error.WriteLine($"{Recipe.Name} did not stop within {_stopPatience.TotalSeconds} s and is killed");
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task BecomeReadyAsync(CancellationToken stopping)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(stopping))
        {
            if (_process.HasExited)
                throw new BrokenRunException($"{Recipe.Name} ended while starting:\n{LastLines}");

            if (Stopwatch.GetElapsedTime(start) > _startPatience)
                throw new BrokenRunException($"{Recipe.Name} accepts no client:\n{LastLines}");

            await Task.Delay(_look, stopping);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
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
