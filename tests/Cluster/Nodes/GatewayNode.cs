using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Nodes;

/// <summary>A gateway in a process of its own.</summary>
internal sealed class GatewayNode(int index, string redis, ClusterPlan plan, TcpProxy? redisLine)
    : Node($"gateway {index}", plan, redisLine)
{
    public Entrance Entrance { get; } = new(FreePorts.Take());

    public override void NoteTrouble() => Entrance.NoteTrouble();

    public Task<RawClient> ConnectAsync(string? clientId = null, bool clean = true, Will? will = null) => ConnectAsync(
        new ConnectOptions { ClientId = clientId ?? Unique.ClientId(), CleanSession = clean, Will = will });

    /// <summary>A client of MQTT 5; without properties its session ends with its connection.</summary>
    public Task<RawClient> Connect5Async(Props? properties = null, string? clientId = null, bool clean = true, Will? will = null) =>
        ConnectAsync(ConnectOptions.Version5 with
        {
            ClientId = clientId ?? Unique.ClientId(), CleanSession = clean, Will = will, Properties = properties ?? new Props(),
        });

    public async Task<RawClient> ConnectAsync(ConnectOptions options)
    {
        var client = await RawClient.OpenAsync(Entrance.Port);
        try
        {
            await client.ConnectAsync(options);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Without a lease its clients count as lost, whatever they said to it last.</summary>
    protected override void Hear(string line)
    {
        if (line.Contains("The lease has ended", StringComparison.Ordinal))
            NoteTrouble();
    }

    protected override IReadOnlyList<string> Command() =>
    [
        BuiltProgram.PathOf(BuiltProgram.Gateway),
        "--redis", redis,
        "--listen", $"tcp://127.0.0.1:{Entrance.Port}",
        "--admin", $"http://127.0.0.1:{AdminPort}",
        .. Plan.GatewaySettings,
    ];
}
