using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Orleans.Mqtt.Gateway.Hosting.Transport;

/// <summary>
/// Reads a socket into one block, which grows to what its reader wants to see at once: a message, however large, lies in one
/// piece. For one reader, who keeps nothing of what he has consumed.
/// </summary>
internal sealed class SocketReader(Socket socket) : PipeReader
{
    private const int FirstSize = 64 * 1024, LeastRoom = 16 * 1024, KeptSize = 2 * 1024 * 1024;

    private byte[] _block = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int _start, _end, _examined;
    private bool _isOver;
    private volatile bool _isCancelled;

    private ReadOnlySequence<byte> Unread => new(_block, _start, _end - _start);

    private bool IsNews => _end > _examined || _isOver || _isCancelled;

    public override bool TryRead(out ReadResult result)
    {
        var isNews = IsNews;
        result = isNews ? Result() : default;
        return isNews;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (IsNews)
            return Result();

        MakeRoom();
        var received = await socket.ReceiveAsync(_block.AsMemory(_end), SocketFlags.None, cancellationToken);
        _end += received;
        _isOver = received == 0;
        return Result();
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var unread = Unread;
        _examined = _start + (int)unread.Slice(0, examined).Length;
        _start += (int)unread.Slice(0, consumed).Length;
    }

    /// <summary>For good: Orleans does so when it closes a connection.</summary>
    public override void CancelPendingRead()
    {
        _isCancelled = true;
        socket.End(SocketShutdown.Receive);
    }

    public override void Complete(Exception? exception = null)
    {
        var block = _block;
        (_block, _start, _end, _isOver) = ([], 0, 0, true);
        if (block.Length > 0)
            ArrayPool<byte>.Shared.Return(block);
    }

    private ReadResult Result() => new(Unread, _isCancelled, _isOver);

    private void MakeRoom()
    {
        var left = _end - _start;
        if (left == 0)
            (_start, _end, _examined) = (0, 0, 0);
        if (left == 0 && _block.Length > KeptSize)
            MoveTo(FirstSize);
        else if (_block.Length - _end < LeastRoom)
            MoveTo(left > _block.Length / 2 ? checked(_block.Length * 2) : _block.Length);
    }

    private void MoveTo(int size)
    {
        var block = size == _block.Length ? _block : ArrayPool<byte>.Shared.Rent(size);
        Unread.CopyTo(block);
        if (block != _block)
            ArrayPool<byte>.Shared.Return(_block);
        (_block, _end, _examined, _start) = (block, _end - _start, _examined - _start, 0);
    }
}
