using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Gateway.Hosting.Transport;

/// <summary>
/// Writes a socket from one block. It grows to the largest message that it has seen and always offers all that is free: Orleans
/// writes a message that does not fit into what it is offered into blocks of its own first, and then copies it.
/// </summary>
internal sealed class SocketWriter(Socket socket) : PipeWriter
{
    private const int FirstSize = 64 * 1024, KeptSize = 4 * 1024 * 1024;

    private byte[] _block = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int _written;
    private volatile bool _isCancelled;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_block.Length - _written));
        _written += bytes;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_block.Length - _written < Math.Max(sizeHint, 1))
            Grow(sizeHint);
        return _block.AsMemory(_written);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Ends when the socket has taken all of it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            for (var sent = 0; sent < _written;)
                sent += await socket.SendAsync(_block.AsMemory(sent, _written - sent), SocketFlags.None, cancellationToken);
        }
        catch (Exception failure)
        {
            socket.End(SocketShutdown.Send); // nobody knows how much of it has left, so nothing may follow
            if (!_isCancelled || failure is OperationCanceledException)
                throw;
            return new FlushResult(isCanceled: true, isCompleted: true);
        }

        _written = 0;
        if (_block.Length > KeptSize)
            Use(ArrayPool<byte>.Shared.Rent(FirstSize));
        return new FlushResult(_isCancelled, isCompleted: false);
    }

    /// <summary>For good: Orleans does so when it closes a connection.</summary>
    public override void CancelPendingFlush()
    {
        _isCancelled = true;
        socket.End(SocketShutdown.Send);
    }

    public override void Complete(Exception? exception = null)
    {
        _written = 0;
        Use([]);
    }

    private void Grow(int size)
    {
        var grown = ArrayPool<byte>.Shared.Rent(checked(_written + Math.Max(size, FirstSize)));
        _block.AsSpan(0, _written).CopyTo(grown);
        Use(grown);
    }

    private void Use(byte[] block)
    {
        if (_block.Length > 0)
            ArrayPool<byte>.Shared.Return(_block);
        _block = block;
    }
}
