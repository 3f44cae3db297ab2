using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>One frame of a WebSocket: its opcode, whether it is the last of its message, what it carries.</summary>
public sealed record RawFrame(int Opcode, bool IsLast, byte[] Payload);

/// <summary>A WebSocket client made by hand, so that it can send what no library would.</summary>
public sealed class RawWebSocket : IAsyncDisposable
{
    public const int Continuation = 0;
    public const int Text = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    private readonly NetworkStream _stream;

    private RawWebSocket(NetworkStream stream, string answer)
    {
        _stream = stream;
        Answer = answer;
    }

    /// <summary>The head of the server's answer to the upgrade.</summary>
    public string Answer { get; }

    public bool IsOpen => Answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal);

    /// <summary>Asks for the upgrade, with whatever headers.</summary>
    public static async Task<RawWebSocket> OpenAsync(int port, string path = "/mqtt", params string[] headers)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        string[] head =
        [
            $"GET {path} HTTP/1.1", $"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", $"Sec-WebSocket-Key: {Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))}",
            .. headers, "", "",
        ];
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", head)));
        return new RawWebSocket(stream, await ReadHeadAsync(stream));
    }

    /// <summary>An open WebSocket for MQTT.</summary>
    public static async Task<RawWebSocket> OpenMqttAsync(int port)
    {
        var socket = await OpenAsync(port, "/mqtt", "Sec-WebSocket-Protocol: mqtt");
        Assert.True(socket.IsOpen, socket.Answer);
        return socket;
    }

    public Task SendAsync(byte[] payload, int opcode = Binary, bool isLast = true) =>
        SendRawAsync(Frame(payload, opcode | (isLast ? 0x80 : 0)));

    /// <summary>Any bytes at all.</summary>
    public async Task SendRawAsync(byte[] bytes)
    {
        using var patience = new CancellationTokenSource(RawClient.Patience);
        try
        {
            await _stream.WriteAsync(bytes, patience.Token);
        }
        catch (IOException)
        {
            // The broker may hang up while it is still being talked to. Whoever minds notices at the next receive.
        }
    }

    /// <summary>The bytes of a frame as clients send them, masked.</summary>
    public static byte[] Frame(byte[] payload, int first)
    {
        var head = new ByteBuilder().Byte(first);
        if (payload.Length < 126)
            head.Byte(0x80 | payload.Length);
        else if (payload.Length <= ushort.MaxValue)
            head.Byte(0x80 | 126).Short(payload.Length);
        else
            head.Byte(0x80 | 127).Short(0).Short(0).Short(payload.Length >> 16).Short(payload.Length);
        var mask = RandomNumberGenerator.GetBytes(4);
        return head.Raw(mask).Raw([.. payload.Select((each, at) => (byte)(each ^ mask[at % 4]))]).ToArray();
    }

    /// <summary>The next frame; nothing when the broker has hung up.</summary>
    public async Task<RawFrame?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(RawClient.Patience);
        try
        {
            var head = new byte[2];
            await _stream.ReadExactlyAsync(head, patience.Token);
            Assert.Equal(0, head[1] & 0x80); // a server does not mask
            long length = head[1];
            if (length > 125)
            {
                var more = new byte[length == 126 ? 2 : 8];
                await _stream.ReadExactlyAsync(more, patience.Token);
                length = more.Aggregate(0L, (sum, each) => (sum << 8) | each);
            }

            var payload = new byte[length];
            await _stream.ReadExactlyAsync(payload, patience.Token);
            return new RawFrame(head[0] & 0xF, (head[0] & 0x80) != 0, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The broker hangs up; it may say that it closes, and nothing else.</summary>
    public async Task ExpectEndAsync()
    {
        while (await ReceiveAsync() is { } frame)
            Assert.Equal(Close, frame.Opcode);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var next = new byte[1];
        using var patience = new CancellationTokenSource(RawClient.Patience);
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()) && await stream.ReadAsync(next, patience.Token) > 0)
            head.Add(next[0]);
        return Encoding.ASCII.GetString([.. head]);
    }
}
