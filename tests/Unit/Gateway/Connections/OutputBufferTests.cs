using System.Buffers;
using System.IO.Pipelines;
using CsCheck;
using Orleans.Mqtt.Gateway.Connections;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class OutputBufferTests
{
    [Fact]
    public void Whatever_is_asked_for_and_written_all_of_it_leaves_in_order() =>
        Gen.Int[0, 9000].Array[0, 50].Sample(sizes =>
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
            var output = new OutputBuffer(pipe.Writer);
            var written = new List<byte>();
            var sent = new List<byte>();
            foreach (var size in sizes)
            {
                var bytes = Enumerable.Range(written.Count, size).Select(number => (byte)number).ToArray();
                bytes.CopyTo(output.GetSpan(size));
                output.Advance(size);
                written.AddRange(bytes);
                Assert.Equal(written.Count - sent.Count, output.UnflushedBytes);
                if (size % 3 != 0)
                    continue;

                output.FlushAsync().AsTask().Wait(TestContext.Current.CancellationToken);
                Read(pipe.Reader, sent);
                Assert.Equal(written, sent);
            }
        }, iter: 100);

    [Fact]
    public void A_block_is_never_empty_and_no_more_than_it_is_taken()
    {
        var output = new OutputBuffer(new Pipe().Writer);
        var block = output.GetMemory();
        Assert.NotEqual(0, block.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => output.Advance(block.Length + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => output.Advance(-1));
        output.Advance(block.Length);
        Assert.NotEqual(0, output.GetSpan().Length);
    }

    private static void Read(PipeReader reader, List<byte> sent)
    {
        while (reader.TryRead(out var read) && !read.Buffer.IsEmpty)
        {
            sent.AddRange(read.Buffer.ToArray());
            reader.AdvanceTo(read.Buffer.End);
        }
    }
}
