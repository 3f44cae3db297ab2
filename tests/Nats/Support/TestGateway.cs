using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>A gateway in a process of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly int _port = FreePorts.Take();
    private readonly RunningProcess _process;

    private TestGateway(int redisPort) => _process = RunningProcess.Start(
        "dotnet", BuiltProgram.PathOf(BuiltProgram.Gateway), "--redis", $"127.0.0.1:{redisPort}",
        "--listen", $"tcp://127.0.0.1:{_port}", "--admin", $"http://127.0.0.1:{FreePorts.Take()}");

    public static async Task<TestGateway> StartAsync(int redisPort)
    {
        var gateway = new TestGateway(redisPort);
        await gateway._process.SaysAsync("is ready");
        return gateway;
    }

    public async Task<RawClient> ConnectAsync(string clientId)
    {
        var client = await RawClient.OpenAsync(_port);
        await client.ConnectAsync(new ConnectOptions { ClientId = clientId });
        return client;
    }

    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
