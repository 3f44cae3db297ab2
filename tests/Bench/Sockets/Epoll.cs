using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Tests.Bench.Sockets;

/// <summary>Level-triggered readiness of many files; each is known by a slot number.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    public const uint Readable = 0x001;
    public const uint Writable = 0x004;

    private const int Capacity = 512;
    private const int CloseOnExec = 0x80000;

    // epoll_event is packed on x86-64 only.
    private static readonly bool _isPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64;
    private static readonly int _size = _isPacked ? 12 : 16;
    private static readonly int _slotAt = _isPacked ? 4 : 8;

    private readonly int _file = Libc.Checked(Libc.EpollCreate(CloseOnExec), "epoll_create1");
    private readonly byte* _happenings = (byte*)NativeMemory.AllocZeroed((nuint)(Capacity * _size));

    public void Add(int file, int slot, uint interest) => Control(1, file, slot, interest);

    public void Change(int file, int slot, uint interest) => Control(3, file, slot, interest);

    /// <summary>How many happenings there are; ask <see cref="Slot"/> and <see cref="Happened"/> for each.</summary>
    public int Wait(int milliseconds)
    {
        var count = Libc.EpollWait(_file, _happenings, Capacity, milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted)
            return 0;

        return Libc.Checked(count, "epoll_wait");
    }

    public int Slot(int index) => *(int*)(_happenings + index * _size + _slotAt);

    public uint Happened(int index) => *(uint*)(_happenings + index * _size);

    public void Dispose()
    {
        Libc.Close(_file);
        NativeMemory.Free(_happenings);
    }

    private void Control(int operation, int file, int slot, uint interest)
    {
        Span<byte> happening = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(happening, interest);
        BinaryPrimitives.WriteInt32LittleEndian(happening[_slotAt..], slot);
        fixed (byte* raw = happening)
            Libc.Checked(Libc.EpollControl(_file, operation, file, raw), "epoll_ctl");
    }
}
