using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>The system calls that wait for sockets and carry bytes, none of which blocks but the wait.</summary>
internal static unsafe partial class Linux
{
    public const int Interrupted = 4;
    public const int TryAgain = 11;

    /// <summary>MSG_DONTWAIT, and MSG_NOSIGNAL: a peer that is gone is an error number, not a signal.</summary>
    private const int AtOnce = 0x40 | 0x4000;

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
