using System.Net;
using System.Text;
using Orleans.Mqtt.Tests.Broker.Interop;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Chapter 6: MQTT over WebSockets.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class WebSocketTests
{
    private readonly GuardedBroker _broker;
    private readonly string _topic = $"open/{Unique.Token()}";

    public WebSocketTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    [Fact, Spec("MQTT-6.0.0-3", "MQTT-6.0.0-4")]
    public async Task The_subprotocol_is_mqtt()
    {
        await using var socket = await OpenAsync("/mqtt", "Sec-WebSocket-Protocol: other, mqtt");

        Assert.True(socket.IsOpen, socket.Answer);
        Assert.Contains("Sec-WebSocket-Protocol: mqtt\r\n", socket.Answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("mqttv3.1", "mqttv3.1")]
    [InlineData("mqttv3.1, mqtt", "mqtt")]
    public async Task Clients_of_MQTT_3_1_have_a_name_of_their_own_for_it(string offered, string taken)
    {
        await using var socket = await OpenAsync("/mqtt", $"Sec-WebSocket-Protocol: {offered}");

        Assert.True(socket.IsOpen, socket.Answer);
        Assert.Contains($"Sec-WebSocket-Protocol: {taken}\r\n", socket.Answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, Spec("MQTT-6.0.0-3")]
    [InlineData("/mqtt", "X-Nothing: 1", 400)]
    [InlineData("/mqtt", "Sec-WebSocket-Protocol: mqttv6, MQTT", 400)]
    [InlineData("/other", "Sec-WebSocket-Protocol: mqtt", 404)]
    [InlineData("/mqtt", "Sec-WebSocket-Protocol: mqtt\r\nOrigin: https://evil.example", 403)]
    public async Task Who_offers_something_else_or_comes_from_elsewhere_is_sent_away(string path, string header, int status)
    {
        await using var socket = await OpenAsync(path, header);

        Assert.StartsWith($"HTTP/1.1 {status} ", socket.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_an_origin_that_is_allowed_is_served()
    {
        await using var socket = await OpenAsync("/mqtt", "Sec-WebSocket-Protocol: mqtt", "Origin: https://good.example");

        Assert.True(socket.IsOpen, socket.Answer);
    }

    [Fact, Spec("MQTT-6.0.0-2")]
    public async Task A_packet_may_span_frames_and_a_frame_hold_packets()
    {
        await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);

        foreach (var each in Packet.Connect(GuardedBroker.As("alice")))
            await socket.SendAsync([each]);
        Assert.Equal([0x20, 2, 0, 0], await BytesAsync(socket, 4));

        await socket.SendAsync(Packet.Subscribe(1, (_topic, 0)), isLast: false);
        await socket.SendAsync([], RawWebSocket.Continuation, isLast: false);
        await socket.SendAsync([.. Packet.PingReq, .. Packet.Publish(_topic, "x")[..3]], RawWebSocket.Continuation);
        await socket.SendAsync(Packet.Publish(_topic, "x")[3..]);

        byte[] expected = [0x90, 3, 0, 1, 0, .. Packet.PingResp, .. Packet.Publish(_topic, "x")];
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(await BytesAsync(socket, expected.Length)));
    }

    [Theory, Spec("MQTT-6.0.0-1"), InlineData(true), InlineData(false)]
    public async Task Text_ends_the_connection(bool isIn)
    {
        await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);
        if (isIn)
        {
            await socket.SendAsync(Packet.Connect(GuardedBroker.As("alice")));
            await BytesAsync(socket, 4);
        }

        await socket.SendAsync(Packet.PingReq, RawWebSocket.Text);

        await socket.ExpectEndAsync();
    }

    [Fact]
    public async Task A_ping_of_the_WebSocket_is_answered_and_is_no_packet()
    {
        await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);

        await socket.SendAsync("hello"u8.ToArray(), RawWebSocket.Ping);

        var pong = await socket.ReceiveAsync();
        Assert.Equal((RawWebSocket.Pong, "hello"), (pong!.Opcode, Encoding.ASCII.GetString(pong.Payload)));
    }

    [Fact]
    public async Task Who_disconnects_is_told_that_the_WebSocket_closes()
    {
        await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);
        await socket.SendAsync([.. Packet.Connect(GuardedBroker.As("alice")), .. Packet.Disconnect]);
        await BytesAsync(socket, 4);

        var close = await socket.ReceiveAsync();

        Assert.Equal((RawWebSocket.Close, "03E8"), (close!.Opcode, Convert.ToHexString(close.Payload))); // 1000: all is well
        await socket.SendAsync(close.Payload, RawWebSocket.Close);
        Assert.Null(await socket.ReceiveAsync());
    }

    [Fact]
    public async Task Who_closes_the_WebSocket_without_a_DISCONNECT_leaves_its_will()
    {
        await using var witness = await _broker.ConnectAsync("bob");
        await witness.SubscribeAsync(_topic);
        await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);
        await socket.SendAsync(Packet.Connect(GuardedBroker.As("alice") with { Will = new Will(_topic, "gone") }));
        await BytesAsync(socket, 4);

        await socket.SendAsync([0x03, 0xE8], RawWebSocket.Close);

        await witness.ExpectTextAsync("gone");
        await socket.ExpectEndAsync();
    }

    [Fact]
    public async Task Great_messages_go_both_ways()
    {
        var payload = new byte[900_000];
        new Random(1).NextBytes(payload);
        await using var client = await _broker.OpenWebSocketAsync(isSecure: true);
        await client.ConnectAsync(GuardedBroker.As("alice"));
        await client.SubscribeAsync(_topic, 1);

        await client.PublishAsync(_topic, payload, qos: 1);

        Assert.Equal(payload, (await client.HearAsync()).Payload);
    }

    [Fact]
    public async Task Who_does_not_read_holds_up_nobody_else()
    {
        await using var slow = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);
        await slow.SendAsync([.. Packet.Connect(GuardedBroker.As("alice")), .. Packet.Subscribe(1, (_topic, 0))]);
        await BytesAsync(slow, 9);
        await using var quick = await _broker.OpenWebSocketAsync();
        await quick.ConnectAsync(GuardedBroker.As("alice"));
        await quick.SubscribeAsync(_topic);

        for (var i = 0; i < 60; i++) // far more than sockets hold and the outbox keeps
        {
            await quick.PublishAsync(_topic, new byte[500_000]);
            Assert.Equal(500_000, (await quick.HearAsync()).Payload.Length);
        }
    }

    [Fact]
    public async Task Other_clients_come_in()
    {
        await using var alice = await ConnectOtherAsync("alice");
        await using var bob = await ConnectOtherAsync("bob");
        await alice.SubscribeAsync((_topic, 2));

        await bob.PublishAsync(_topic, "over a WebSocket", 2);

        await alice.ExpectAsync(_topic, "over a WebSocket", 2);
    }

    [Theory, InlineData("/health/live"), InlineData("/"), InlineData("/api/v1/clients"), InlineData("/dashboard"), InlineData("/metrics")]
    public async Task No_page_of_the_admin_address_is_reached_through_a_listener_for_clients(string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_broker.WebSocketPort}") };

        using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_admin_address_speaks_no_MQTT()
    {
        await using var socket = await RawWebSocket.OpenAsync(_broker.Broker.Admin.Port, "/mqtt", "Sec-WebSocket-Protocol: mqtt");

        Assert.False(socket.IsOpen);
    }

    private Task<RawWebSocket> OpenAsync(string path, params string[] headers) =>
        RawWebSocket.OpenAsync(_broker.WebSocketPort, path, headers);

    private Task<OtherClient> ConnectOtherAsync(string user) => OtherClient.ConnectAsync(0, more: options => options
        .WithWebSocketServer(server => server.WithUri($"ws://127.0.0.1:{_broker.WebSocketPort}/mqtt"))
        .WithCredentials(user, $"secret of {user}"));

    /// <summary>So many bytes, in however many frames they come.</summary>
    private static async Task<byte[]> BytesAsync(RawWebSocket socket, int count)
    {
        var bytes = new List<byte>();
        while (bytes.Count < count)
        {
            var frame = await socket.ReceiveAsync();
            Assert.Equal(RawWebSocket.Binary, frame?.Opcode); // [MQTT-6.0.0-1]
            bytes.AddRange(frame!.Payload);
        }

        Assert.Equal(count, bytes.Count);
        return [.. bytes];
    }
}
