using System.Buffers;
using System.IO.Pipelines;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// Gathers packets in a block of the pipe and tells the pipe of all of them at once: it takes a lock each time, which costs
/// as much as writing a short packet. For one thread at a time.
/// </summary>
internal sealed class OutputBuffer(PipeWriter pipe) : IBufferWriter<byte>
{
    private Memory<byte> _block;
    private int _written;

    /// <summary>Bytes that were written and have not left.</summary>
    public long UnflushedBytes => pipe.UnflushedBytes + _written;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_block.Length - _written));
        _written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Demand(sizeHint);
        return _block[_written..];
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Demand(sizeHint);
        return _block.Span[_written..];
    }

    public ValueTask<FlushResult> FlushAsync()
    {
        Commit();
        return pipe.FlushAsync();
    }

    private void Demand(int size)
    {
        if (_block.Length - _written >= Math.Max(size, 1))
            return;

        Commit();
        _block = pipe.GetMemory(size);
    }

    // The block belongs to the pipe again: it may be sent and given to somebody else.
    private void Commit()
    {
        if (_written > 0)
            pipe.Advance(_written);
        _block = default;
        _written = 0;
    }
}
