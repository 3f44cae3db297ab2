using Orleans.Mqtt.Tests.Admin.Cluster;
using Orleans.Mqtt.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(SmallCluster))]

namespace Orleans.Mqtt.Tests.Admin.Cluster;

/// <summary>Two silos, the second with a gateway in it, and two gateways of their own, on one Redis.</summary>
public sealed class SmallCluster : IAsyncLifetime
{
    public const string Key = "the-key-of-the-cluster";

    private readonly RedisProcess _redis = new();
    private readonly List<IAsyncDisposable> _running = [];
    private readonly List<int> _ports = [];
    private int _coHosted;

    /// <summary>The admin addresses of the silos, then those of the gateways.</summary>
    public List<Uri> Admins { get; } = [];

    public async ValueTask InitializeAsync()
    {
        _running.Add(_redis);
        await _redis.StartAsync();
        for (var silo = 0; silo < 2; silo++)
        {
            var broker = await TestBroker.StartAsync(
                "--redis", _redis.Address, "--gateway", silo == 0 ? "false" : "true", "--Management:ApiKeys:0", Key);
            _running.Add(broker);
            Admins.Add(broker.Admin);
            _coHosted = broker.Port;
        }

        for (var gateway = 0; gateway < 2; gateway++)
            await StartGatewayAsync();
        _ports.Add(_coHosted);
    }

    /// <summary>What the store says to a command.</summary>
    public async Task<string> AskStoreAsync(params string[] command) => string.Join('\n', await _redis.AskAsync(command));

    public Caller Call(int process) => new(Admins[process], Key);

    /// <summary>Gateways 0 and 1 are processes of their own, 2 is in a silo.</summary>
    public async Task<RawClient> ConnectAsync(int gateway, string clientId, bool clean = true)
    {
        var client = await RawClient.OpenAsync(_ports[gateway]);
        await client.ConnectAsync(new ConnectOptions { ClientId = clientId, CleanSession = clean });
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_running))
            await process.DisposeAsync();
    }

    private async Task StartGatewayAsync()
    {
        var (port, admin) = (FreePorts.Take(), FreePorts.Take());
        var gateway = RunningProcess.Start(
            "dotnet", BuiltProgram.PathOf(BuiltProgram.Gateway), "--redis", _redis.Address,
            "--listen", $"tcp://127.0.0.1:{port}", "--admin", $"http://127.0.0.1:{admin}", "--Management:ApiKeys:0", Key);
        _running.Add(gateway);
        _ports.Add(port);
        Admins.Add(new Uri($"http://127.0.0.1:{admin}"));
        await gateway.ReadyAsync(() => AdminProbe.IsReadyAsync(admin));
    }
}
