using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>
/// Says which of many sockets have news, each of which is known by a slot number, and can be woken out of its wait. News are
/// told once: who is told has to take all that there is.
/// </summary>
internal sealed unsafe class Epoll : IDisposable
{
    public const uint Readable = 0x001;
    public const uint Writable = 0x004;

    /// <summary>EPOLLERR, EPOLLHUP and EPOLLRDHUP.</summary>
    public const uint Ended = 0x008 | 0x010 | 0x2000;

    private const uint All = Readable | Writable | 0x2000 | (1u << 31); // edge-triggered
    private const int Capacity = 128;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Bell = -1;

    // epoll_event is packed on x86-64 only.
    private static readonly bool _isPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64;
    private static readonly int _size = _isPacked ? 12 : 16;
    private static readonly int _slotAt = _isPacked ? 4 : 8;

    private readonly int _file = Linux.Checked(Linux.EpollCreate(CloseOnExec), "epoll_create1");
    private readonly int _bell = Linux.Checked(Linux.EventFile(0, NonBlocking | CloseOnExec), "eventfd");
    private readonly byte* _happenings = (byte*)NativeMemory.AllocZeroed((nuint)(Capacity * _size));

    public Epoll() => Add(_bell, Bell, Readable);

    /// <summary>From now until its file is closed.</summary>
    public void Add(SafeHandle socket, int slot) => Add((int)socket.DangerousGetHandle(), slot, All);

    /// <summary>How many have news; ask <see cref="TryGet"/> for each.</summary>
    public int Wait(int milliseconds)
    {
        var count = Linux.EpollWait(_file, _happenings, Capacity, milliseconds);
        return count < 0 && Marshal.GetLastPInvokeError() == Linux.Interrupted ? 0 : Linux.Checked(count, "epoll_wait");
    }

    /// <summary>False when it was the bell.</summary>
    public bool TryGet(int index, out int slot, out uint happened)
    {
        var happening = _happenings + (index * _size);
        happened = *(uint*)happening;
        slot = *(int*)(happening + _slotAt);
        if (slot != Bell)
            return true;

        var rings = 0L;
        _ = Linux.Read(_bell, (byte*)&rings, sizeof(long)); // silenced
        return false;
    }

    /// <summary>Ends the wait, also the next one.</summary>
    public void Ring()
    {
        var one = 1L;
        _ = Linux.Write(_bell, (byte*)&one, sizeof(long)); // a full counter is as good as a ring
    }

    public void Dispose()
    {
        _ = Linux.Close(_file);
        _ = Linux.Close(_bell);
        NativeMemory.Free(_happenings);
    }

    private void Add(int file, int slot, uint interest)
    {
        Span<byte> happening = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(happening, interest);
        BinaryPrimitives.WriteInt32LittleEndian(happening[_slotAt..], slot);
        fixed (byte* raw = happening)
            Linux.Checked(Linux.EpollControl(_file, 1, file, raw), "epoll_ctl");
    }
}
