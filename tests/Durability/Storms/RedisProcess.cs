using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Durability.Storms;

/// <summary>A redis-server that writes each answered change to its log, on a folder that goes when the test ends.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private const string Program = "redis-server";
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-test-").FullName;
    private RunningProcess? _process;

    public int Port { get; } = FreePorts.Take();

    /// <summary>Whether this machine has one.</summary>
    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, Program)));

    public async Task StartAsync()
    {
        _process = RunningProcess.Start(Program,
            "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder, "--save", "",
            "--appendonly", "yes", "--appendfsync", "always");
        await _process.SaysAsync("Ready to accept connections");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
