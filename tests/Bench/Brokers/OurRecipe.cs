using System.Globalization;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>The broker of this repository: silo, gateway and embedded store in one process.</summary>
internal sealed class OurRecipe(BenchOptions options) : Recipe
{
    public override string Name => "ours";

    public override bool MergesOverlaps => true;

    public override string? Obstacle => File.Exists(options.SiloPath)
        ? null
        : $"{options.SiloPath} is not there; build silo in Release, or name it with --silo-dll";

    public override IReadOnlyList<Part> Prepare(IReadOnlyList<int> ports, string folder) =>
    [
        Part.Ours(options.SiloPath,
        [
            "--listen", Listen(ports[0]), "--admin", Admin(), "--data", folder,
            .. options.SiloArguments.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ]),
    ];

    public static string Listen(int port) => string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{port}");

    public static string Admin() => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}");
}
