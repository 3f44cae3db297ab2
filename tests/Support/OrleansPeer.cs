using System.Diagnostics;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>Our own broker, from the same build as the tests.</summary>
internal sealed class OrleansPeer : IPeer
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    public ProcessStartInfo Command(BrokerPlace place, IReadOnlyList<string> arguments) => new("dotnet",
    [
        Program(),
        "--listen", $"tcp://127.0.0.1:{place.Port}",
        "--admin", $"http://127.0.0.1:{place.AdminPort}",
        "--data", place.Folder,
        .. arguments,
    ]);

    public async Task<bool> IsReadyAsync(BrokerPlace place, CancellationToken cancellation)
    {
        try
        {
            using var answer = await Http.GetAsync($"http://127.0.0.1:{place.AdminPort}/health/ready", cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>Its own output folder is named by the configuration, and ours tells which one was built.</summary>
    public static string Program()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = own;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Orleans.Mqtt.sln")))
            root = root.Parent;
        if (root is null)
            throw new InvalidOperationException($"no Orleans.Mqtt.sln above {own.FullName}");
        var program = Path.Combine(
            root.FullName, "artifacts", "bin", "Orleans.Mqtt.Silo", own.Name, "Orleans.Mqtt.Silo.dll");
        return File.Exists(program)
            ? program
            : throw new InvalidOperationException($"build silo/ as {own.Name} first: there is no {program}");
    }
}
