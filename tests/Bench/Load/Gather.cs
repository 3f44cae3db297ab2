using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>Where packets gather until one send takes them all. One a thread, so that it stays in the cache.</summary>
internal sealed unsafe class Gather : IDisposable
{
    /// <summary>More than all answers to one full read can take.</summary>
    public const int Capacity = 512 * 1024;

    public byte* Start { get; } = (byte*)NativeMemory.Alloc(Capacity);

    public int Length { get; private set; }

    public byte* Reserve(int length)
    {
        if (Length + length > Capacity)
            throw new InvalidOperationException("More was gathered than one send is made for.");

        var at = Start + Length;
        Length += length;
        return at;
    }

    public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(new Span<byte>(Reserve(bytes.Length), bytes.Length));

    public void Clear() => Length = 0;

    public void Dispose() => NativeMemory.Free(Start);
}
