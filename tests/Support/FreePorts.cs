using System.Net;
using System.Net.Sockets;

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

    private static readonly HashSet<int> _taken = [];

    /// <summary>A port that nobody listens on, never given twice by this process.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            lock (_taken)
            {
                if (!_taken.Add(port))
                    continue;
            }

            if (IsFree(port))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        using var probe = new TcpListener(IPAddress.Loopback, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
