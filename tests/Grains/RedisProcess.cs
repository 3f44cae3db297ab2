using System.Globalization;
using System.Runtime.InteropServices;
using Orleans.Mqtt.Tests.Support;
using StackExchange.Redis;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>A redis-server with its log on disk, for the silos of one test class.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mqtt-redis-").FullName;
    private readonly int _port = FreePorts.Take();
    private readonly RunningProcess _process;

    public RedisProcess() => _process = RunningProcess.Start(
        "redis-server", "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder,
        "--appendonly", "yes", "--save", "");

    public ConfigurationOptions Configuration => new() { EndPoints = { { "127.0.0.1", _port } } };

    public Task IsReadyAsync() => _process.SaysAsync("Ready to accept connections");

    /// <summary>It hangs: connections stay, nothing is answered.</summary>
    public void Pause() => _ = Signal(_process.Id, 19);

    public void Continue() => _ = Signal(_process.Id, 18);

    public async ValueTask DisposeAsync()
    {
        Continue();
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int processId, int signal);
}
