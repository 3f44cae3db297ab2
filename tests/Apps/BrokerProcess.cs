using System.Net.Sockets;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Apps;

/// <summary>A silo with a gateway in it, as a process on the Redis of a test.</summary>
internal sealed class BrokerProcess(int redisPort, params string[] settings) : IAsyncDisposable
{
    private static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);

    private readonly int _admin = FreePorts.Take(), _silo = FreePorts.Take(), _orleans = FreePorts.Take();
    private RunningProcess? _process;

    public int Port { get; } = FreePorts.Take();

    /// <summary>What it has said; nothing when it does not run.</summary>
    public string Transcript => _process?.Transcript() ?? "";

    public async Task StartAsync()
    {
        _process = RunningProcess.Start("dotnet",
        [
            BuiltProgram.PathOf(BuiltProgram.Silo), "--redis", $"127.0.0.1:{redisPort}",
            "--listen", $"tcp://127.0.0.1:{Port}", "--admin", $"http://127.0.0.1:{_admin}",
            "--silo-port", $"{_silo}", "--orleans-port", $"{_orleans}", .. settings,
        ]);
        using var patience = new CancellationTokenSource(_patience);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await IsReadyAsync())
        {
            if (_process.HasExited || patience.IsCancellationRequested)
                throw new InvalidOperationException($"the broker did not get ready; it said:\n{_process.Transcript()}");
            await ticks.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public async Task<RawClient> ConnectAsync(ConnectOptions? options = null)
    {
        var client = await RawClient.OpenAsync(Port);
        await client.ConnectAsync(options ?? new ConnectOptions { ClientId = Unique.ClientId() });
        return client;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync($"http://127.0.0.1:{_admin}/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException or SocketException)
        {
            return false;
        }
    }
}
