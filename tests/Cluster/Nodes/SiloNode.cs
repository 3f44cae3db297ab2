using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Cluster.Nodes;

/// <summary>A silo in a process of its own.</summary>
internal sealed class SiloNode : Node
{
    private readonly string _redis;
    private readonly int _siloPort = FreePorts.Take();
    private readonly int _orleansPort = FreePorts.Take();
    private readonly TcpProxy[] _lines;

    public SiloNode(int index, string redis, ClusterPlan plan, TcpProxy? redisLine)
        : base($"silo {index}", plan, redisLine)
    {
        _redis = redis;
        _lines = plan.HasProxies
            ? [new TcpProxy(FreePorts.Take(), _siloPort), new TcpProxy(FreePorts.Take(), _orleansPort)]
            : [];
    }

    /// <summary>The ways by which other silos and gateways reach this one; none when they are direct.</summary>
    public IReadOnlyList<TcpProxy> Lines => _lines;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var line in _lines)
            await line.DisposeAsync();
    }

    protected override IReadOnlyList<string> Command() =>
    [
        BuiltProgram.PathOf(BuiltProgram.Silo),
        "--redis", _redis,
        "--gateway", "false",
        "--admin", $"http://127.0.0.1:{AdminPort}",
        .. Ports(),
        .. Plan.SiloSettings,
    ];

    private string[] Ports() => _lines.Length == 0
        ? ["--silo-port", $"{_siloPort}", "--orleans-port", $"{_orleansPort}"]
        :
        [
            "--silo-port", $"{_lines[0].Port}", "--Broker:SiloListenPort", $"{_siloPort}",
            "--orleans-port", $"{_lines[1].Port}", "--Broker:OrleansListenPort", $"{_orleansPort}",
        ];
}
