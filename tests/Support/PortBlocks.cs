using System.Net;
using System.Net.Sockets;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>
/// Ports that are shared out to processes in blocks, so that two that run at the same moment are never given the same one.
/// Who holds the lock of a block's file has the block; the system takes the lock back, however its process ends.
/// </summary>
internal sealed class PortBlocks(string folder, int first, int end) : IDisposable
{
    private const int Size = 100;

    private readonly Lock _gate = new();
    private readonly List<FileStream> _held = [];
    private int _next;
    private int _blockEnd;

    /// <summary>A port that nobody listens on, never given twice.</summary>
    public int Take()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_next == _blockEnd)
                {
                    _next = HoldBlock();
                    _blockEnd = _next + Size;
                }

                var port = _next++;
                if (IsFree(port))
                    return port;
            }
        }
    }

    public void Dispose()
    {
        foreach (var block in _held)
            block.Dispose();
    }

    /// <summary>The first port of a block that was nobody's. Anywhere: the ports of a run that has just ended may linger.</summary>
    private int HoldBlock()
    {
        Directory.CreateDirectory(folder);
        var count = (end - first) / Size;
        var from = Random.Shared.Next(count);
        IOException? refused = null;
        for (var i = 0; i < count; i++)
        {
            var port = first + ((from + i) % count * Size);
            try
            {
                _held.Add(new FileStream(
                    Path.Combine(folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
                return port;
            }
            catch (IOException taken)
            {
                refused = taken;
            }
        }

        throw new InvalidOperationException($"no block of ports from {first} to {end - 1} is free", refused);
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
