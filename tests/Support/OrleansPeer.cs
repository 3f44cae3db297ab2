using System.Diagnostics;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>Our own broker, from the same build as the tests.</summary>
internal sealed class OrleansPeer : IPeer
{
    public ProcessStartInfo Command(BrokerPlace place, IReadOnlyList<string> arguments) => new("dotnet",
    [
        BuiltProgram.PathOf(BuiltProgram.Silo),
        "--listen", $"tcp://127.0.0.1:{place.Port}",
        "--admin", $"http://127.0.0.1:{place.AdminPort}",
        "--data", place.Folder,
        // Left to itself each silo takes what is free at that moment, and one of many that start at once may take the same.
        "--silo-port", $"{FreePorts.Take()}",
        "--orleans-port", $"{FreePorts.Take()}",
        // A disk or a machine that stands still for a few seconds is not what most tests are about.
        "--Store:Timeout", "00:00:20",
        .. arguments,
    ]);

    public Task<bool> IsReadyAsync(BrokerPlace place) => AdminProbe.IsReadyAsync(place.AdminPort);
}
