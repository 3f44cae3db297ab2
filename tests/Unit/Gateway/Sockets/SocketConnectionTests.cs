using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Gateway.Sockets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Sockets;

/// <summary>What a handler may rely on, through a real socket.</summary>
public sealed class SocketConnectionTests : IAsyncDisposable
{
    private const int Much = 8 * 1024 * 1024; // more than any buffer of the kernel

    private static readonly BlockPool _blocks = new();

    private readonly SocketLoop[] _loops = [new(0, _blocks, NullLogger.Instance), new(1, _blocks, NullLogger.Instance)];
    private readonly TaskCompletionSource _isOver = new();
    private readonly Channel<SocketConnection> _served = Channel.CreateUnbounded<SocketConnection>();
    private readonly SocketListener _listener;
    private readonly List<Socket> _clients = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public SocketConnectionTests() => _listener = new SocketListener(
        new IPEndPoint(IPAddress.Loopback, 0), _loops, new OpenConnections(ServeAsync, NullLogger.Instance), TimeSpan.Zero,
        TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        _isOver.SetResult();
        await _listener.DisposeAsync();
        foreach (var client in _clients)
            client.Dispose();

        // Elsewhere: what a test has waited for may have let it go on here, on the thread that is to end.
        await Task.Run(() => Array.ForEach(_loops, loop => loop.Dispose()));
    }

    [Fact]
    public async Task What_comes_is_handled_on_the_thread_that_received_it()
    {
        var (client, connection) = await ConnectAsync();
        var handling = HandleAsync();
        await client.SendAsync(new byte[] { 1 }, Stop);
        Assert.Same(connection.Loop, await handling.Soon());

        async Task<SocketLoop?> HandleAsync()
        {
            await connection.Input.ReadAsync(Stop);
            return SocketLoop.Current;
        }
    }

    [Fact]
    public async Task Who_cancels_a_read_does_not_run_what_waits_for_it()
    {
        var (_, connection) = await ConnectAsync();
        var gate = new Lock();
        var handling = HandleAsync();
        lock (gate)
            connection.Input.CancelPendingRead();
        Assert.False(await handling.Soon());

        async Task<bool> HandleAsync()
        {
            Assert.True((await connection.Input.ReadAsync(Stop)).IsCanceled);
            return gate.IsHeldByCurrentThread;
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_gets_everything_later_in_order()
    {
        var (client, connection) = await ConnectAsync();
        var writing = WriteAsync(connection.Output);
        Assert.False(writing.IsCompleted); // it is told to wait: what nobody takes does not pile up
        await ReadAllAsync(client);
        await writing.Soon();
    }

    [Fact]
    public async Task What_nobody_handles_is_not_received_and_comes_later_with_the_end_behind_it()
    {
        var (client, connection) = await ConnectAsync();
        var sending = SendAllAsync(client);
        var read = await connection.Input.ReadAsync(Stop);
        connection.Input.AdvanceTo(read.Buffer.Start);
        Assert.False(sending.IsCompleted);

        var at = 0L;
        while (true)
        {
            read = await connection.Input.ReadAsync(Stop).AsTask().Soon();
            Assert.InRange(read.Buffer.Length, 0, 256 * 1024);
            foreach (var piece in read.Buffer)
                Check(piece.Span, ref at);
            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        Assert.Equal(Much, at);
        await sending;
        await EndOf(connection);
    }

    [Fact]
    public async Task What_was_written_is_sent_before_the_connection_closes()
    {
        var (client, connection) = await ConnectAsync();
        var reading = ReadAllAsync(client);
        await WriteAsync(connection.Output);
        await connection.DisposeAsync().AsTask().Soon();
        await reading.Soon();
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Stop));
        Assert.True(connection.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task Who_completes_the_output_has_the_input_end()
    {
        var (client, connection) = await ConnectAsync();
        await connection.Output.WriteAsync(new byte[] { 7 }, Stop);
        await connection.Output.CompleteAsync();
        Assert.Equal(1, await client.ReceiveAsync(new byte[2], Stop));
        Assert.Equal(0, await client.ReceiveAsync(new byte[2], Stop));
        Assert.True((await connection.Input.ReadAsync(Stop).AsTask().Soon()).IsCompleted);
        await connection.DisposeAsync().AsTask().Soon();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_abort_ends_also_what_waits_for_a_client_that_does_not_read(bool hasUnread)
    {
        var (client, connection) = await ConnectAsync();
        if (hasUnread)
            _ = SendAllAsync(client); // in vain
        var writing = WriteAsync(connection.Output);
        connection.Abort(new ConnectionAbortedException("enough"));

        await writing.Soon();
        Assert.True((await connection.Output.FlushAsync(Stop)).IsCompleted);
        await EndOf(connection);
        await connection.DisposeAsync().AsTask().Soon();
    }

    [Fact]
    public async Task A_slot_is_used_again()
    {
        for (var i = 0; i < 200; i++)
        {
            var (client, connection) = await ConnectAsync();
            await connection.Output.WriteAsync(new byte[] { (byte)i }, Stop);
            var heard = new byte[1];
            Assert.Equal(1, await client.ReceiveAsync(heard, Stop));
            Assert.Equal((byte)i, heard[0]);
            client.Dispose();
            await EndOf(connection);
            await connection.DisposeAsync().AsTask().Soon();
        }
    }

    [Fact]
    public async Task A_connection_whose_input_broke_ends_alone()
    {
        var (client, connection) = await ConnectAsync();
        await connection.Input.CompleteAsync(new InvalidOperationException("broken"));
        await client.SendAsync(new byte[] { 1 }, Stop);
        await EndOf(connection);

        var (other, second) = await ConnectAsync();
        var (_, third) = await ConnectAsync();
        await other.SendAsync(new byte[] { 2 }, Stop);
        await second.Input.ReadAsync(Stop).AsTask().Soon();
        await third.DisposeAsync().AsTask().Soon();
        await connection.DisposeAsync().AsTask().Soon();
    }

    private static async Task EndOf(SocketConnection connection)
    {
        var end = new TaskCompletionSource();
        await using var _ = connection.ConnectionClosed.Register(end.SetResult);
        await end.Task.Soon();
    }

    private static async Task WriteAsync(PipeWriter output)
    {
        var numbers = Numbers(Much);
        for (var at = 0; at < Much; at += Much / 64)
        {
            if ((await output.WriteAsync(numbers.AsMemory(at, Much / 64), Stop)).IsCompleted)
                return;
        }
    }

    private static async Task SendAllAsync(Socket client)
    {
        await client.SendAsync(Numbers(Much), Stop);
        client.Shutdown(SocketShutdown.Send);
    }

    private static async Task ReadAllAsync(Socket client)
    {
        var room = new byte[64 * 1024];
        for (var at = 0L; at < Much;)
        {
            var count = await client.ReceiveAsync(room, Stop).AsTask().Soon();
            Assert.NotEqual(0, count);
            Check(room.AsSpan(0, count), ref at);
        }
    }

    private static void Check(ReadOnlySpan<byte> bytes, ref long at)
    {
        foreach (var value in bytes)
        {
            if (value != (byte)(at++ % 251))
                Assert.Fail($"Byte {at - 1} is {value}.");
        }
    }

    private static byte[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(at => (byte)(at % 251))];

    private async Task<(Socket Client, SocketConnection Connection)> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = 64 * 1024,
            SendBufferSize = 64 * 1024,
        };
        _clients.Add(client);
        await client.ConnectAsync(_listener.EndPoint, Stop);
        return (client, await _served.Reader.ReadAsync(Stop));
    }

    // The test serves it.
    private Task ServeAsync(ConnectionContext connection)
    {
        _served.Writer.TryWrite((SocketConnection)connection);
        return _isOver.Task;
    }
}
