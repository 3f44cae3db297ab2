using System.Buffers;
using System.IO.Pipelines;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>
/// What goes out of a socket: many threads write, one after the other, and one loop sends, at the end of a turn. While the socket
/// takes nothing it waits here, and the writer is told.
/// </summary>
internal sealed unsafe class SocketOutput(SocketConnection connection, PipeOptions options) : PipeWriter
{
    private const int MostPieces = 16;

    private readonly Pipe _pipe = new(options);
    private int _state; // Sending
    private volatile bool _isWritable; // since the last attempt
    private volatile bool _isOver;

    private static class Sending
    {
        public const int Idle = 0;
        public const int Due = 1;
        public const int Now = 2;
        public const int Again = 3; // now, and something was written since
        public const int Blocked = 4; // by the socket
    }

    /// <summary>Nothing will be sent any more.</summary>
    public bool IsOver => _isOver;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _pipe.Writer.UnflushedBytes;

    public override void Advance(int bytes) => _pipe.Writer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _pipe.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _pipe.Writer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _pipe.Writer.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flush = _pipe.Writer.FlushAsync(cancellationToken);
        MakeDue();
        return flush;
    }

    public override void Complete(Exception? exception = null)
    {
        _pipe.Writer.Complete(); // what was written is sent, whatever the writer has died of
        MakeDue();
    }

    /// <summary>The socket takes something again, or never will.</summary>
    public void OnWritable()
    {
        _isWritable = true;
        if (Interlocked.CompareExchange(ref _state, Sending.Due, Sending.Blocked) == Sending.Blocked)
            Enqueue();
    }

    /// <summary>On the thread of a loop.</summary>
    public void SendIfDue()
    {
        if (Interlocked.CompareExchange(ref _state, Sending.Now, Sending.Due) != Sending.Due)
            return;

        while (true)
        {
            if (!TrySendAll())
            {
                Interlocked.Exchange(ref _state, Sending.Blocked);
                if (!_isWritable || Interlocked.CompareExchange(ref _state, Sending.Now, Sending.Blocked) != Sending.Blocked)
                    return;
            }
            else if (Interlocked.CompareExchange(ref _state, Sending.Idle, Sending.Now) == Sending.Now)
            {
                return;
            }
            else
            {
                Volatile.Write(ref _state, Sending.Now);
            }
        }
    }

    private void MakeDue()
    {
        var state = Volatile.Read(ref _state);
        while (state is Sending.Idle or Sending.Now)
        {
            var next = state == Sending.Idle ? Sending.Due : Sending.Again;
            var seen = Interlocked.CompareExchange(ref _state, next, state);
            if (seen == state)
            {
                if (next == Sending.Due)
                    Enqueue();
                return;
            }

            state = seen;
        }
    }

    // A loop that has written sends itself; who is no loop has the connection's own do it.
    private void Enqueue() => (SocketLoop.Current ?? connection.Loop).Post(connection);

    /// <summary>False when the socket takes no more now.</summary>
    private bool TrySendAll()
    {
        while (!_isOver && _pipe.Reader.TryRead(out var read))
        {
            if (read.Buffer.IsEmpty)
            {
                _pipe.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    End();
                continue;
            }

            _isWritable = false;
            var sent = Send(read.Buffer);
            _pipe.Reader.AdvanceTo(read.Buffer.GetPosition(Math.Max(sent, 0)));
            if (sent == -Linux.TryAgain)
                return false;
            if (sent < 0 && sent != -Linux.Interrupted)
                End();
        }

        return true;
    }

    private long Send(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            fixed (byte* first = bytes.FirstSpan)
                return Linux.Send(connection.Socket, first, bytes.FirstSpan.Length);
        }

        var pieces = stackalloc Linux.Piece[MostPieces];
        var pins = default(Pins);
        var count = 0;
        foreach (var segment in bytes)
        {
            if (count == MostPieces)
                break;
            pins[count] = segment.Pin();
            pieces[count] = new Linux.Piece { Bytes = (byte*)pins[count].Pointer, Length = (nuint)segment.Length };
            count++;
        }

        var sent = Linux.Send(connection.Socket, pieces, count);
        for (var index = 0; index < count; index++)
            pins[index].Dispose();
        return sent;
    }

    private void End()
    {
        _isOver = true;
        _pipe.Reader.Complete();
        Interlocked.MemoryBarrier(); // who leaves says so first and looks here afterwards
        connection.OnSent();
    }

    [System.Runtime.CompilerServices.InlineArray(MostPieces)]
    private struct Pins
    {
        private MemoryHandle _first;
    }
}
