using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Cluster.Stores;

/// <summary>A Redis, a replica of it, and a Sentinel that says which of them is the master.</summary>
internal sealed class SentinelStore : IAsyncDisposable
{
    private const string Master = "mqtt";

    private readonly RedisProcess _first = new();
    private readonly RedisProcess _second;
    private readonly string _folder = Directory.CreateTempSubdirectory("sentinel-test-").FullName;
    private readonly int _port = FreePorts.Take();
    private RunningProcess? _sentinel;

    public SentinelStore() => _second = new RedisProcess("--replicaof", $"127.0.0.1 {_first.Port}");

    public string Connection => $"127.0.0.1:{_port},serviceName={Master}";

    public async Task StartAsync()
    {
        await _first.StartAsync();
        await _second.StartAsync();
        var settings = Path.Combine(_folder, "sentinel.conf");
        await File.WriteAllTextAsync(settings, $"""
            port {_port}
            bind 127.0.0.1
            dir {_folder}
            sentinel monitor {Master} 127.0.0.1 {_first.Port} 1
            sentinel down-after-milliseconds {Master} 4000
            sentinel failover-timeout {Master} 5000

            """);
        _sentinel = RunningProcess.Start("redis-server", settings, "--sentinel");
        await _sentinel.SaysAsync("+slave"); // it knows the replica
        await Eventually.ThatAsync(async () => (await _second.AskAsync("info", "replication")).Contains("master_link_status:up"));
    }

    /// <summary>The master dies; returns when the replica has its place.</summary>
    public async Task FailOverAsync()
    {
        await _first.KillAsync();
        await _sentinel!.SaysAsync("+switch-master");
    }

    public async ValueTask DisposeAsync()
    {
        if (_sentinel is not null)
            await _sentinel.DisposeAsync();
        await _second.DisposeAsync();
        await _first.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
