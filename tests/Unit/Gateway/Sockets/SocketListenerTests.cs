using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Gateway.Sockets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Sockets;

/// <summary>Who is accepted, and what becomes of all when it ends.</summary>
public sealed class SocketListenerTests : IAsyncDisposable
{
    private readonly SocketLoop[] _loops = [Loop(0), Loop(1)];
    private readonly List<Socket> _clients = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await Task.Run(() => Array.ForEach(_loops, loop => loop.Dispose())); // on a thread that is none of them
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public async Task All_that_knock_are_served_and_say_where_they_come_from(string address)
    {
        const int count = 200; // many turns of the loop that accepts
        var port = 0;
        await using var listener = Listen(EchoPortAsync, address);
        port = ((IPEndPoint)listener.EndPoint).Port;
        var clients = new List<Socket>();
        for (var i = 0; i < count; i++)
            clients.Add(await ConnectAsync(port));

        foreach (var client in clients)
        {
            var heard = new byte[sizeof(int)];
            Assert.Equal(heard.Length, await client.ReceiveAsync(heard, Stop).AsTask().Soon());
            Assert.Equal(((IPEndPoint)client.LocalEndPoint!).Port, BitConverter.ToInt32(heard));
        }

        async Task EchoPortAsync(ConnectionContext connection)
        {
            Assert.Equal(new IPEndPoint(IPAddress.Loopback, port), connection.LocalEndPoint);
            var client = (IPEndPoint)connection.RemoteEndPoint!;
            Assert.Equal(IPAddress.Loopback, client.Address);
            await connection.Transport.Output.WriteAsync(BitConverter.GetBytes(client.Port), Stop);
        }
    }

    [Fact]
    public async Task What_is_sent_leaves_at_once_and_does_not_wait_for_more()
    {
        var noDelay = new TaskCompletionSource<bool>();
        await using var listener = Listen(connection =>
        {
            using var handle = new SafeSocketHandle(((SocketConnection)connection).Socket.DangerousGetHandle(), ownsHandle: false);
            using var socket = new Socket(handle);
            noDelay.SetResult(socket.NoDelay);
            return Task.CompletedTask;
        });
        await ConnectAsync(((IPEndPoint)listener.EndPoint).Port);

        Assert.True(await noDelay.Task.Soon());
    }

    [Fact]
    public async Task One_that_dies_of_a_bug_is_closed_and_the_others_are_not()
    {
        var number = 0;
        await using var listener = Listen(async connection =>
        {
            if (Interlocked.Increment(ref number) == 1)
                throw new InvalidOperationException("a bug");
            await connection.Transport.Output.WriteAsync(new byte[] { 1 }, Stop);
        });
        var port = ((IPEndPoint)listener.EndPoint).Port;

        Assert.Equal(0, await (await ConnectAsync(port)).ReceiveAsync(new byte[1], Stop).AsTask().Soon());
        Assert.Equal(1, await (await ConnectAsync(port)).ReceiveAsync(new byte[1], Stop).AsTask().Soon());
    }

    [Fact]
    public async Task The_end_cuts_off_who_does_not_go_and_waits_for_what_he_leaves()
    {
        var hasCome = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hasLeft = false;
        var listener = Listen(async connection =>
        {
            hasCome.SetResult();
            await Assert.ThrowsAsync<ConnectionAbortedException>(() => connection.Transport.Input.ReadAsync(Stop).AsTask());
            hasLeft = true;
        });
        var client = await ConnectAsync(((IPEndPoint)listener.EndPoint).Port);
        await hasCome.Task.Soon();
        var accepting = listener.AcceptAsync(Stop).AsTask();

        await listener.UnbindAsync(Stop);
        Assert.Null(await accepting.Soon());
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(((IPEndPoint)listener.EndPoint).Port));
        await listener.DisposeAsync().AsTask().Soon();

        Assert.True(hasLeft);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Stop).AsTask().Soon());
    }

    [Fact]
    public void A_port_that_is_taken_is_said_to_be()
    {
        var listener = Listen(_ => Task.CompletedTask);

        Assert.Throws<AddressInUseException>(() => Listen(_ => Task.CompletedTask, "127.0.0.1", ((IPEndPoint)listener.EndPoint).Port));
    }

    [Fact]
    public void What_the_kernel_refuses_leaves_its_place_to_the_next()
    {
        using var file = File.OpenHandle(typeof(SocketListenerTests).Assembly.Location); // nothing that can be waited for
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        for (var i = 0; i < 3; i++)
            Assert.Throws<IOException>(() => _loops[0].Add(new Served(file)));

        Assert.Equal(0, _loops[0].Add(new Served(socket.SafeHandle)));
    }

    [Fact]
    public async Task A_loop_may_be_ended_from_its_own_thread()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var loop = Loop(2);
        var served = new Served(socket.SafeHandle, loop.Dispose);
        loop.Post(served);

        await served.Attended.Soon();
        loop.Dispose();
    }

    private static SocketLoop Loop(int number) => new(number, new BlockPool(), NullLogger.Instance);

    private SocketListener Listen(ConnectionDelegate serve, string address = "127.0.0.1", int port = 0) => new(
        new IPEndPoint(IPAddress.Parse(address), port), _loops, new OpenConnections(serve, NullLogger.Instance), TimeSpan.Zero,
        TimeProvider.System);

    private async Task<Socket> ConnectAsync(int port)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _clients.Add(client);
        await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), Stop);
        return client;
    }

    private sealed class Served(SafeHandle socket, Action? attend = null) : IServed
    {
        private readonly TaskCompletionSource _attended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Attended => _attended.Task;

        public string Name => "test";

        public SafeHandle Socket => socket;

        public void OnNews(uint happened)
        {
        }

        public void Attend()
        {
            attend?.Invoke();
            _attended.SetResult();
        }

        public void Drop(Exception bug) => _attended.SetException(bug);
    }
}
