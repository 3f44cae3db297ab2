using System.Globalization;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>
/// The broker of this repository on a Redis that syncs its log every second: silos, and gateways apart; with no gateways
/// one process that is both. What Redis costs is counted in.
/// </summary>
internal sealed class ClusterRecipe(string name, int silos, int gateways, BenchOptions options) : Recipe
{
    private readonly string? _redis = FindProgram("redis-server");

    public override string Name => name;

    public override bool MergesOverlaps => true;

    public override int Doors => Math.Max(1, gateways);

    public override string? Obstacle => _redis is null ? "redis-server is not installed"
        : !File.Exists(options.SiloPath) ? $"{options.SiloPath} is not there; build silo in Release"
        : gateways > 0 && !File.Exists(options.GatewayPath) ? $"{options.GatewayPath} is not there; build gateway in Release"
        : null;

    public override IReadOnlyList<Part> Prepare(IReadOnlyList<int> ports, string folder)
    {
        var redis = FreePort.Next();
        var number = redis.ToString(CultureInfo.InvariantCulture);
        string[] cluster = ["--redis", $"127.0.0.1:{number}", "--cluster", "bench"];
        var more = options.SiloArguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] door = gateways > 0 ? ["--gateway", "false"] : ["--listen", OurRecipe.Listen(ports[0])];
        return
        [
            new Part(_redis!,
            [
                "--port", number, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes",
                "--appendfsync", "everysec",
            ])
            {
                ReadyPort = redis,
            },
            .. Enumerable.Range(0, silos).Select(_ => Part.Ours(
                options.SiloPath, [.. door, "--admin", OurRecipe.Admin(), .. cluster, .. more])),
            .. ports.Take(gateways).Select(port => Part.Ours(
                options.GatewayPath, ["--listen", OurRecipe.Listen(port), "--admin", OurRecipe.Admin(), .. cluster])),
        ];
    }
}
