namespace Orleans.Mqtt.Tests.Support;

/// <summary>
/// Ports for servers that are stopped and started again. Below those that the system gives to outgoing connections: one
/// of these could take the port while the server is down, even a client that knocks there, by connecting to itself. And
/// below those that a silo chooses for itself, for the same reason.
/// </summary>
public static class FreePorts
{
    private const int First = 10_000;
    private const int End = 24_000;

    // A folder for each user: nobody may open another one's files.
    private static readonly PortBlocks _blocks = new(
        Path.Combine(Path.GetTempPath(), $"orleans-mqtt-test-ports-{Environment.UserName}"), First, End);

    /// <summary>A port that nobody listens on, given to no other test, nor to one of another process that runs now.</summary>
    public static int Take() => _blocks.Take();
}
