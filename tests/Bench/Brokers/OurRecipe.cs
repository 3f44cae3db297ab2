using System.Globalization;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>The broker of this repository: silo, gateway and embedded store in one process.</summary>
internal sealed class OurRecipe(string path, string arguments) : Recipe
{
    public override string Name => "ours";

    public override string? Obstacle =>
        File.Exists(path) ? null : $"{path} is not there; build silo in Release, or name it with --silo-dll";

    public override (string File, IReadOnlyList<string> Arguments) Prepare(int port, string folder)
    {
        var adminPort = FreePort.Next();
        string[] all =
        [
            "--listen", string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{port}"),
            "--admin", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{adminPort}"),
            "--data", folder,
            .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ];
        return Path.GetExtension(path) is ".dll" ? ("dotnet", [path, .. all]) : (path, all);
    }
}
