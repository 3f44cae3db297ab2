using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Apps;

/// <summary>A silo with a gateway in it, as a process on the Redis of a test.</summary>
internal sealed class BrokerProcess(int redisPort, params string[] settings) : IAsyncDisposable
{
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
        await _process.ReadyAsync(() => AdminProbe.IsReadyAsync(_admin));
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
}
