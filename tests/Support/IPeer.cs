using System.Diagnostics;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>A broker program that the tests can be pointed at.</summary>
internal interface IPeer
{
    /// <summary>How it is started; the arguments are those of our own broker and are translated if need be.</summary>
    ProcessStartInfo Command(BrokerPlace place, IReadOnlyList<string> arguments);

    /// <summary>Whether clients are welcome yet.</summary>
    Task<bool> IsReadyAsync(BrokerPlace place);
}

/// <summary>Where one broker lives: its ports on the loopback and its folder.</summary>
internal sealed record BrokerPlace(int Port, int AdminPort, string Folder);
