using Orleans.Mqtt.Tests.Broker.Security;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Security;

/// <summary>Chapter 6 with MQTT 5.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class WebSocketTests
{
    private readonly GuardedBroker _broker;

    public WebSocketTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    private static byte[] Connect => Packet.Connect(ConnectOptions.Version5 with
    {
        UserName = "alice", Password = GuardedBroker.As("alice").Password,
    });

    [Fact, Spec("MQTT-6.0.0-4")]
    public async Task The_server_answers_with_the_subprotocol()
    {
        await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);

        Assert.Contains("Sec-WebSocket-Protocol: mqtt\r\n", socket.Answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact, Spec("MQTT-6.0.0-2", "MQTT-6.0.0-1")]
    public async Task Packets_need_not_keep_to_frames_and_frames_are_binary()
    {
        await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);

        foreach (var each in Connect)
            await socket.SendAsync([each]);
        Assert.Equal([0x20], await FirstBytesAsync(socket, 1));
        await socket.SendAsync([.. Packet.PingReq, .. Packet.PingReq[..1]]);
        await socket.SendAsync(Packet.PingReq[1..]);

        byte[] expected = [.. Packet.PingResp, .. Packet.PingResp];
        Assert.Equal(expected, await FirstBytesAsync(socket, 4));
    }

    [Fact, Spec("MQTT-6.0.0-1")]
    public async Task A_frame_of_text_ends_the_connection()
    {
        await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);
        await socket.SendAsync(Connect);
        Assert.Equal([0x20], await FirstBytesAsync(socket, 1));

        await socket.SendAsync(Packet.PingReq, RawWebSocket.Text);

        await socket.ExpectEndAsync();
    }

    /// <summary>So many bytes of what the server says; the rest of their last frame is left away.</summary>
    private static async Task<byte[]> FirstBytesAsync(RawWebSocket socket, int count)
    {
        var bytes = new List<byte>();
        while (bytes.Count < count)
        {
            var frame = await socket.ReceiveAsync();
            Assert.Equal(RawWebSocket.Binary, frame?.Opcode);
            bytes.AddRange(frame!.Payload);
        }

        return [.. bytes.Take(count)];
    }
}
