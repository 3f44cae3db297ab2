namespace Orleans.Mqtt.Tests.Support;

/// <summary>
/// A redis-server that writes each answered change to its log, on a folder that goes when the test ends. Further settings
/// are those of redis.conf, a switch and a value each.
/// </summary>
internal sealed class RedisProcess(params string[] settings) : IAsyncDisposable
{
    private const string Program = "redis-server";
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-test-").FullName;
    private RunningProcess? _process;

    public int Port { get; } = FreePorts.Take();

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Whether this machine has one.</summary>
    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, Program)));

    public async Task StartAsync()
    {
        _process = RunningProcess.Start(Program,
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder, "--save", "",
            "--appendonly", "yes", "--appendfsync", "always", .. settings,
        ]);
        await _process.SaysAsync("Ready to accept connections");
    }

    /// <summary>The answer to a command, line by line, as redis-cli gives it.</summary>
    public async Task<IReadOnlyList<string>> AskAsync(params string[] words)
    {
        await using var cli = RunningProcess.Start("redis-cli", ["-p", $"{Port}", .. words]);
        return (await cli.EndAsync()).Output;
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => _process?.Pause();

    /// <summary>SIGCONT.</summary>
    public void Resume() => _process?.Resume();

    /// <summary>It runs again, whatever was done to it.</summary>
    public async Task MendAsync()
    {
        Resume();
        if (_process is not { HasExited: false })
            await StartAsync();
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
