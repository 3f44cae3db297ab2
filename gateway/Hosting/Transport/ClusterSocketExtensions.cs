using System.Net.Sockets;

namespace Orleans.Mqtt.Gateway.Hosting.Transport;

/// <summary>How sockets between the processes of a cluster begin and end.</summary>
internal static class ClusterSocketExtensions
{
    // As Orleans has it: a peer that is gone without a word is noticed by itself within some minutes.
    private const int KeepAliveTime = 90, KeepAliveInterval = 30, KeepAliveRetries = 10;

    /// <summary>What holds for every connection, whoever began it.</summary>
    public static void Configure(this Socket socket)
    {
        socket.NoDelay = true;
        socket.LingerState = new LingerOption(enable: true, seconds: 0); // whoever is left learns of it at once
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveTime);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveInterval);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
    }

    /// <summary>Wakes whoever waits to receive, or to send.</summary>
    public static void End(this Socket socket, SocketShutdown side)
    {
        try
        {
            socket.Shutdown(side);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It has ended by itself, so nobody waits any more.
        }
    }
}
