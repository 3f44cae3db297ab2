using System.Buffers;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>
/// Blocks for what is to be sent. Each thread has some of its own and gives out the one that came back last, which the
/// processor's caches still hold; a bounded number more is shared by all.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    public const int BlockSize = 8 * 1024;

    private const int MostOfThread = 128;
    private const int MostShared = 1024;

    [ThreadStatic]
    private static Stack<Block>? _own;

    private readonly Lock _gate = new();
    private readonly Stack<Block> _shared = [];

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (_own?.TryPop(out var block) == true)
            return block;

        lock (_gate)
        {
            if (_shared.TryPop(out block))
                return block;
        }

        return new Block(this);
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Return(Block block)
    {
        var own = _own ??= [];
        if (own.Count < MostOfThread)
        {
            own.Push(block);
            return;
        }

        lock (_gate)
        {
            if (_shared.Count < MostShared)
                _shared.Push(block);
        }
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } =
            MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true), 0, BlockSize);

        public void Dispose() => pool.Return(this);
    }
}
