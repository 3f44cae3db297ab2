using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Orleans.Mqtt.Gateway.Hosting.Transport;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Hosting.Transport;

public sealed class ClusterSocketTests : IAsyncLifetime
{
    private readonly ClusterSockets _sockets = new();
    private IConnectionListener _listener = null!;
    private ConnectionContext _near = null!;
    private ConnectionContext _far = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PipeReader Input => _far.Transport.Input;

    private PipeWriter Output => _near.Transport.Output;

    public async ValueTask InitializeAsync()
    {
        _listener = await _sockets.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), Cancellation);
        var accepting = _listener.AcceptAsync(Cancellation).AsTask();
        _near = await _sockets.ConnectAsync(_listener.EndPoint, Cancellation);
        _far = (await accepting)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _near.DisposeAsync();
        await _far.DisposeAsync();
        await _listener.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(5_000_000)]
    public async Task A_message_of_any_size_is_seen_in_one_piece(int size)
    {
        var message = Bytes(size);
        for (var round = 0; round < 3; round++)
        {
            var sending = Output.WriteAsync(message, Cancellation).AsTask();
            var read = await ReadAsync(size);
            Assert.True(read.IsSingleSegment);
            Assert.Equal(message, read.ToArray());
            Input.AdvanceTo(read.End);
            await sending.Soon();
        }
    }

    [Fact]
    public async Task What_was_left_is_seen_again_in_front_of_what_came_since()
    {
        var all = Bytes(3_000_000);
        var sending = Output.WriteAsync(all, Cancellation).AsTask();
        var seen = new List<byte>();
        while (seen.Count < all.Length)
        {
            var read = (await Input.ReadAsync(Cancellation)).Buffer;
            var taken = read.Slice(0, Math.Max(1, read.Length / 3));
            seen.AddRange(taken.ToArray());
            Input.AdvanceTo(taken.End);
        }

        await sending.Soon();
        Assert.Equal(all, seen);
    }

    [Fact]
    public async Task Who_has_seen_all_and_taken_nothing_waits_for_more()
    {
        await Output.WriteAsync(Bytes(10), Cancellation);
        var first = await ReadAsync(10);
        Input.AdvanceTo(first.Start, first.End);

        var more = Input.ReadAsync(Cancellation).AsTask();
        Assert.False(more.IsCompleted);
        await Output.WriteAsync(Bytes(5), Cancellation);

        Assert.Equal(15, (await more.Soon()).Buffer.Length);
    }

    [Fact]
    public void A_message_as_large_as_one_before_fits_into_what_is_offered()
    {
        Output.GetSpan(300_000)[..300_000].Clear();

        Assert.True(Output.GetMemory(4104).Length >= 300_000);
    }

    [Fact]
    public async Task Nobody_waits_when_the_wait_is_cancelled()
    {
        var cancelled = Input.ReadAsync(Cancellation).AsTask();

        Input.CancelPendingRead();

        Assert.True((await cancelled.Soon()).IsCanceled);
    }

    [Fact]
    public async Task Nobody_waits_when_the_other_side_ends()
    {
        var ended = Input.ReadAsync(Cancellation).AsTask();
        var closed = new TaskCompletionSource();
        using var told = _near.ConnectionClosed.Register(closed.SetResult);

        _near.Abort();

        await Assert.ThrowsAnyAsync<Exception>(() => ended.Soon());
        await closed.Task.Soon();
    }

    [Fact]
    public async Task It_may_end_more_than_once()
    {
        _near.Abort();
        await _near.DisposeAsync();
        _near.Abort();

        Assert.True(_near.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task Nothing_is_sent_after_a_flush_that_was_given_up()
    {
        using var impatience = new CancellationTokenSource();
        var flush = Output.WriteAsync(new byte[64 * 1024 * 1024], impatience.Token).AsTask();

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.Soon());
        await Assert.ThrowsAnyAsync<Exception>(async () => await Output.FlushAsync(Cancellation));
    }

    [Fact]
    public async Task All_addresses_are_those_of_both_kinds()
    {
        var (all, each) = Socket.OSSupportsIPv6
            ? (IPAddress.IPv6Any, new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
            : (IPAddress.Any, [IPAddress.Loopback]); // the machine has one kind only
        await using var listener = await _sockets.BindAsync(new IPEndPoint(all, 0), Cancellation);
        var port = ((IPEndPoint)listener.EndPoint).Port;
        foreach (var address in each)
        {
            await using var near = await _sockets.ConnectAsync(new IPEndPoint(address, port), Cancellation);
            await using var far = await listener.AcceptAsync(Cancellation);
            Assert.NotNull(far);
        }
    }

    [Fact]
    public async Task A_flush_to_somebody_who_does_not_read_ends_when_it_is_cancelled()
    {
        var flush = Output.WriteAsync(new byte[64 * 1024 * 1024], Cancellation).AsTask();
        Assert.False(flush.IsCompleted);

        Output.CancelPendingFlush();

        Assert.True((await flush.Soon()).IsCanceled);
    }

    [Fact]
    public async Task Nobody_is_awaited_any_more_when_the_listener_is_unbound()
    {
        var accepting = _listener.AcceptAsync(Cancellation).AsTask();

        await _listener.UnbindAsync(Cancellation);

        Assert.Null(await accepting.Soon());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_to_be()
    {
        await Assert.ThrowsAsync<AddressInUseException>(async () => await _sockets.BindAsync(_listener.EndPoint, Cancellation));
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private async Task<ReadOnlySequence<byte>> ReadAsync(int size)
    {
        while (true)
        {
            var read = await Input.ReadAsync(Cancellation);
            if (read.Buffer.Length >= size)
                return read.Buffer;
            Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
