using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>
/// Wakes the reader of an Orleans connection once a message, not with each block of it. The transport reads blocks of 4 KiB; a
/// batch of some hundred kilobytes woke a thread a hundred times, to find each time that it was not all there.
/// </summary>
/// <remarks>
/// It knows one thing of Orleans' protocol: a message begins with the lengths of its header and of its body, four bytes each.
/// That is looked at only where the reader has seen a block or more and has left all of it, so that whatever is said in the
/// beginning of a connection, which is shorter, is read as before.
/// </remarks>
internal static class WholeFrames
{
    public static void UseWholeFrames(this IConnectionBuilder connection) => connection.Use(next => context =>
    {
        context.Transport = new Duplex(new Reader(context.Transport.Input), context.Transport.Output);
        return next(context);
    });

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    internal sealed class Reader(PipeReader input) : PipeReader
    {
        private const int Block = 4096, Lengths = 8, MostAsked = 128 * 1024 * 1024;

        private ReadOnlySequence<byte> _read;
        private int _asked;

        public override bool TryRead(out ReadResult result)
        {
            var isRead = input.TryRead(out result);
            if (isRead)
                _read = result.Buffer;
            return isRead;
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            var asked = _asked;
            _asked = 0;
            var result = asked > 0
                ? await input.ReadAtLeastAsync(asked, cancellationToken)
                : await input.ReadAsync(cancellationToken);
            _read = result.Buffer;
            return result;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            _asked = Missing(_read.Slice(consumed));
            _read = default;
            input.AdvanceTo(consumed, _asked > 0 ? consumed : examined); // what is asked for counts from what is not examined
        }

        public override void CancelPendingRead() => input.CancelPendingRead();

        public override void Complete(Exception? exception = null) => input.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

        /// <summary>How much the message takes that begins here, when it is not all here; 0 when that is not known.</summary>
        private static int Missing(in ReadOnlySequence<byte> left)
        {
            if (left.Length < Block)
                return 0;

            Span<byte> lengths = stackalloc byte[Lengths];
            left.Slice(0, Lengths).CopyTo(lengths);
            var header = BinaryPrimitives.ReadInt32LittleEndian(lengths);
            var body = BinaryPrimitives.ReadInt32LittleEndian(lengths[4..]);
            var all = Lengths + (long)header + body;
            return header > 0 && body >= 0 && all > left.Length && all <= MostAsked ? (int)all : 0;
        }
    }
}
