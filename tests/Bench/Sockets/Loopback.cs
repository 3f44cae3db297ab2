using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Tests.Bench.Sockets;

/// <summary>Non-blocking TCP sockets to a port of this machine.</summary>
internal static unsafe class Loopback
{
    private const int AddressFamily = 2;
    private const int StreamNonBlockingCloseOnExec = 0x1 | 0x800 | 0x80000;
    private const int AddressLength = 16;
    private const int SourceHosts = 32;

    /// <summary>Begins a connection. It is up when the socket becomes writable.</summary>
    /// <param name="port">Where the broker listens.</param>
    /// <param name="spread">
    /// Any running number: the source address is chosen by it, because the ports of one address run out
    /// when connections come and go by the ten thousand.
    /// </param>
    public static int Connect(int port, int spread)
    {
        var socket = Libc.Checked(Libc.Socket(AddressFamily, StreamNonBlockingCloseOnExec, 0), "socket");
        SetFlag(socket, level: 6, name: 1); // TCP_NODELAY
        SetFlag(socket, level: 0, name: 24); // IP_BIND_ADDRESS_NO_PORT: the port is chosen at connect
        var address = stackalloc byte[AddressLength];
        Write(address, (byte)(1 + spread % SourceHosts), 0);
        Libc.Checked(Libc.Bind(socket, address, AddressLength), "bind");

        Write(address, 1, port);
        if (Libc.Connect(socket, address, AddressLength) < 0
            && Marshal.GetLastPInvokeError() is not Libc.InProgress and var error)
        {
            Libc.Close(socket);
            throw new IOException($"connect: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return socket;
    }

    /// <summary>Tells the other side that no more will come. If it is gone already, it need not be told.</summary>
    public static void StopSending(int socket) => _ = Libc.Shutdown(socket, how: 1);

    private static void SetFlag(int socket, int level, int name)
    {
        var on = 1;
        Libc.Checked(Libc.SetOption(socket, level, name, &on, sizeof(int)), "setsockopt");
    }

    private static void Write(byte* address, byte host, int port)
    {
        var bytes = new Span<byte>(address, AddressLength);
        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, AddressFamily);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)port);
        bytes[4] = 127;
        bytes[7] = host;
    }
}
