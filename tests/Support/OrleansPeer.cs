using System.Diagnostics;
using System.Net.Sockets;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>Our own broker, from the same build as the tests.</summary>
internal sealed class OrleansPeer : IPeer
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    public ProcessStartInfo Command(BrokerPlace place, IReadOnlyList<string> arguments) => new("dotnet",
    [
        BuiltProgram.PathOf(BuiltProgram.Silo),
        "--listen", $"tcp://127.0.0.1:{place.Port}",
        "--admin", $"http://127.0.0.1:{place.AdminPort}",
        "--data", place.Folder,
        // Left to itself each silo takes what is free at that moment, and one of many that start at once may take the same.
        "--silo-port", $"{FreePorts.Take()}",
        "--orleans-port", $"{FreePorts.Take()}",
        .. arguments,
    ]);

    public async Task<bool> IsReadyAsync(BrokerPlace place, CancellationToken cancellation)
    {
        try
        {
            using var answer = await Http.GetAsync($"http://127.0.0.1:{place.AdminPort}/health/ready", cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException or SocketException)
        {
            return false;
        }
    }
}
