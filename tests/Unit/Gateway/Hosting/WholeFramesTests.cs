using System.Buffers.Binary;
using System.IO.Pipelines;
using Orleans.Mqtt.Gateway.Hosting;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Hosting;

public class WholeFramesTests
{
    private readonly Pipe _pipe = new();
    private readonly WholeFrames.Reader _reader;

    public WholeFramesTests() => _reader = new WholeFrames.Reader(_pipe.Reader);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_that_left_a_part_of_a_message_is_woken_when_all_of_it_is_there()
    {
        var frame = Frame(header: 100, body: 20_000);
        await WriteAsync(frame.AsMemory(..5000));
        await LeaveAllAsync(5000);

        var rest = _reader.ReadAsync(Cancellation).AsTask();
        await WriteAsync(frame.AsMemory(5000..^1));
        Assert.False(rest.IsCompleted);
        await WriteAsync(frame.AsMemory(^1..));

        Assert.Equal(frame.Length, (await rest.Soon()).Buffer.Length);
    }

    [Fact]
    public async Task What_is_shorter_than_a_block_is_read_as_it_comes_whatever_it_says()
    {
        await WriteAsync(Frame(header: 0x7F7F7F7F, body: 100).AsMemory(..4000));
        await LeaveAllAsync(4000);

        var rest = _reader.ReadAsync(Cancellation).AsTask();
        await WriteAsync(new byte[10]);

        Assert.Equal(4010, (await rest.Soon()).Buffer.Length);
    }

    [Fact]
    public async Task A_message_behind_others_counts_from_where_it_begins()
    {
        var (first, second) = (Frame(header: 10, body: 100), Frame(header: 10, body: 6000));
        await WriteAsync(first);
        await WriteAsync(second.AsMemory(..5000));
        var read = await _reader.ReadAsync(Cancellation);
        _reader.AdvanceTo(read.Buffer.GetPosition(first.Length), read.Buffer.End);

        var rest = _reader.ReadAsync(Cancellation).AsTask();
        await WriteAsync(second.AsMemory(5000..^1));
        Assert.False(rest.IsCompleted);
        await WriteAsync(second.AsMemory(^1..));

        Assert.Equal(second.Length, (await rest.Soon()).Buffer.Length);
    }

    [Fact]
    public async Task Nobody_waits_for_the_rest_of_a_message_when_the_connection_ends_or_the_wait_is_cancelled()
    {
        await WriteAsync(Frame(header: 10, body: 6000).AsMemory(..5000));
        await LeaveAllAsync(5000);
        var cancelled = _reader.ReadAsync(Cancellation).AsTask();
        _reader.CancelPendingRead();
        Assert.True((await cancelled.Soon()).IsCanceled);
        var seen = (await cancelled).Buffer;
        _reader.AdvanceTo(seen.Start, seen.End);

        var ended = _reader.ReadAsync(Cancellation).AsTask();
        await _pipe.Writer.CompleteAsync();

        Assert.True((await ended.Soon()).IsCompleted);
    }

    private static byte[] Frame(int header, int body)
    {
        var frame = new byte[header > 1_000_000 ? 10_000 : 8 + header + body];
        BinaryPrimitives.WriteInt32LittleEndian(frame, header);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), body);
        return frame;
    }

    private ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> bytes) => _pipe.Writer.WriteAsync(bytes, Cancellation);

    private async Task LeaveAllAsync(int length)
    {
        var read = await _reader.ReadAsync(Cancellation);
        Assert.Equal(length, read.Buffer.Length);
        _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
    }
}
