using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>The system calls that take sockets, wait for them and carry bytes, none of which blocks but the wait.</summary>
internal static unsafe partial class Linux
{
    public const int Interrupted = 4;
    public const int TryAgain = 11;

    /// <summary>ECONNABORTED: the client that waited is gone.</summary>
    public const int Aborted = 103;

    /// <summary>MSG_DONTWAIT, and MSG_NOSIGNAL: a peer that is gone is an error number, not a signal.</summary>
    private const int AtOnce = 0x40 | 0x4000;

    private const int CloseOnExec = 0x80000;
    private const int AddressSize = 28; // sockaddr_in6, the longer one
    private const ushort Internet = 2; // AF_INET

    /// <summary>The socket of the client that has waited longest, or the negative number of an error.</summary>
    public static int Accept(SafeHandle listening, out IPEndPoint? client)
    {
        var address = stackalloc byte[AddressSize];
        var length = AddressSize;
        var socket = Accept(listening, address, &length, CloseOnExec);
        client = socket >= 0 ? EndPointOf(new ReadOnlySpan<byte>(address, AddressSize)) : null;
        return socket >= 0 ? socket : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Where a socket is on this side.</summary>
    public static IPEndPoint LocalEndPoint(SafeHandle socket)
    {
        var address = stackalloc byte[AddressSize];
        var length = AddressSize;
        Checked(SocketName(socket, address, &length), "getsockname");
        return EndPointOf(new ReadOnlySpan<byte>(address, AddressSize));
    }

    /// <summary>Bytes that came, 0 at the end, or the negative number of an error.</summary>
    public static int Receive(SafeHandle socket, Span<byte> room)
    {
        fixed (byte* bytes = room)
        {
            var count = Receive(socket, bytes, room.Length, AtOnce);
            return count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Bytes that the kernel took, or the negative number of an error.</summary>
    public static long Send(SafeHandle socket, byte* bytes, int length)
    {
        var count = Send(socket, bytes, length, AtOnce);
        return count >= 0 ? count : -Marshal.GetLastPInvokeError();
    }

    /// <summary>The same for several pieces.</summary>
    public static long Send(SafeHandle socket, Piece* pieces, int count)
    {
        var header = new Header { Pieces = pieces, PieceCount = (nuint)count };
        var sent = Send(socket, &header, AtOnce);
        return sent >= 0 ? sent : -Marshal.GetLastPInvokeError();
    }

    /// <summary>The answer of a call that must not fail, or an exception that says which one did.</summary>
    public static int Checked(int answer, string call) => answer >= 0
        ? answer
        : throw new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    private static IPEndPoint EndPointOf(ReadOnlySpan<byte> address)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return MemoryMarshal.Read<ushort>(address) == Internet
            ? new IPEndPoint(new IPAddress(address[4..8]), port)
            : new IPEndPoint(new IPAddress(address[8..24], MemoryMarshal.Read<uint>(address[24..])), port);
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int file, byte* happening);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* happenings, int capacity, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFile(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int file, byte* bytes, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int file, byte* bytes, nint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(SafeHandle socket, int how);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept(SafeHandle listening, byte* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int SocketName(SafeHandle socket, byte* address, int* length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeHandle socket, byte* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, byte* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, Header* header, int flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Piece
    {
        public byte* Bytes;
        public nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public void* Name;
        public uint NameLength;
        public Piece* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
