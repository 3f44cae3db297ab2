using System.Net.Sockets;
using Xunit;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>A client that says exactly the bytes it is told to, and hears whole packets.</summary>
public sealed partial class RawClient : IAsyncDisposable
{
    /// <summary>
    /// Long, because a busy machine is no fault of the broker; it is only waited for when a test fails.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket? _socket;
    private readonly Stream _wire;
    private readonly BufferedStream _stream;
    private readonly LinkedList<RawPacket> _setAside = [];

    private RawClient(Stream wire, Socket? socket = null)
    {
        _socket = socket;
        _wire = wire;
        _stream = new BufferedStream(wire, 16 * 1024);
    }

    /// <summary>A client on whatever carries bytes; it is closed with the client.</summary>
    public static RawClient Over(Stream wire) => new(wire);

    /// <summary>A connection on which nothing has been said.</summary>
    public static async Task<RawClient> OpenAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        return new RawClient(new NetworkStream(socket, ownsSocket: true), socket);
    }

    /// <summary>Writes all of them at once.</summary>
    public async Task SendAsync(params byte[][] packets)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var bytes = packets.Length == 1 ? packets[0] : [.. packets.SelectMany(packet => packet)];
            await _wire.WriteAsync(bytes, patience.Token);
            await _wire.FlushAsync(patience.Token);
        }
        catch (IOException)
        {
            // The broker may hang up while it is still being talked to. Whoever minds notices at the next receive.
        }
    }

    /// <summary>The next packet, whatever it is.</summary>
    public Task<RawPacket> ReceiveAsync() => TakeAsync(_ => true, "any packet");

    public async Task ExpectAsync(byte[] packet)
    {
        var came = await ReceiveAsync();
        Assert.Equal(Convert.ToHexString(packet), Convert.ToHexString(Packet.Of(came.Header, came.Body)));
    }

    /// <summary>The broker hangs up, and says nothing before.</summary>
    public async Task ExpectClosedAsync()
    {
        var last = _setAside.First?.Value ?? await ReadAsync("the connection to be closed");
        Assert.True(last is null, $"the connection should have been closed, but {last} came");
    }

    /// <summary>
    /// Whatever had been put on its way before the fence, a PINGREQ, would be heard before its answer.
    /// </summary>
    public async Task ExpectNothingAsync()
    {
        await SendAsync(Packet.PingReq);
        await ExpectAsync(Packet.PingResp);
    }

    /// <summary>The network fails: the other side hears a reset.</summary>
    public void Abort()
    {
        var socket = _socket ?? throw new InvalidOperationException("only a plain connection can be reset");
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>The first packet that is wanted; those before it wait for a later call, in their order.</summary>
    private async Task<RawPacket> TakeAsync(Func<RawPacket, bool> isWanted, string what)
    {
        for (var node = _setAside.First; node is not null; node = node.Next)
        {
            if (!isWanted(node.Value))
                continue;
            _setAside.Remove(node);
            return node.Value;
        }

        while (true)
        {
            var packet = await ReadAsync(what);
            Assert.True(packet is not null, $"{what} was expected, but the connection was closed");
            if (isWanted(packet))
                return packet;
            _setAside.AddLast(packet);
        }
    }

    /// <summary>A packet off the wire; nothing when the broker has hung up.</summary>
    private async Task<RawPacket?> ReadAsync(string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var header = new byte[1];
            if (await _stream.ReadAsync(header, patience.Token) == 0)
                return null;
            var body = new byte[await ReadLengthAsync(patience.Token)];
            await _stream.ReadExactlyAsync(body, patience.Token);
            return new RawPacket(header[0], body);
        }
        catch (IOException gone) when (gone is not EndOfStreamException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{what} was expected, but nothing came in {Patience.TotalSeconds} s");
        }
    }

    private async Task<int> ReadLengthAsync(CancellationToken cancellation)
    {
        var length = 0;
        var part = new byte[1];
        for (var shift = 0; shift < 28; shift += 7)
        {
            await _stream.ReadExactlyAsync(part, cancellation);
            length |= (part[0] & 0x7F) << shift;
            if (part[0] < 0x80)
                return length;
        }

        throw new InvalidDataException("the broker sent a remaining length of more than four bytes");
    }
}
