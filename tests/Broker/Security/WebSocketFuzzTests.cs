using System.Diagnostics;
using System.Globalization;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Nothing that comes through a WebSocket, or in place of one, harms those who behave.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class WebSocketFuzzTests
{
    private const int Enough = 50;

    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(5);
    private static readonly int _seed = int.Parse(
        Environment.GetEnvironmentVariable("ORLEANS_MQTT_TEST_SEED") ?? "20240601", CultureInfo.InvariantCulture);

    private readonly GuardedBroker _broker;

    public WebSocketFuzzTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    [Fact]
    public async Task Whatever_frames_are_sent_others_are_served()
    {
        var topic = $"open/{Unique.Token()}";
        await using var alice = await _broker.OpenWebSocketAsync();
        await alice.ConnectAsync(GuardedBroker.As("alice"));
        await alice.SubscribeAsync(topic, 1);
        using var end = new CancellationTokenSource();

        var attacked = new int[4];
        var attacks = attacked.Select((_, lane) => AttackAsync(lane, attacked, end.Token)).ToList();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < _duration || attacked.Sum() <= Enough;)
        {
            await alice.PublishAsync(topic, "good", qos: 1);
            await alice.ExpectTextAsync("good");
            if (attacks.Find(attack => attack.IsFaulted) is { } failed)
                await failed;
        }

        await end.CancelAsync();
        await Task.WhenAll(attacks);
        await alice.PublishAsync(topic, "still good", qos: 1);
        await alice.ExpectTextAsync("still good");
        var ourFault = _broker.Broker.Output.FirstOrDefault(line => line.Contains(" fail: ", StringComparison.Ordinal));
        Assert.True(ourFault is null, ourFault);
    }

    /// <summary>Counts its connections, each lane on its own.</summary>
    private async Task AttackAsync(int lane, int[] counts, CancellationToken end)
    {
        for (var count = 0; !end.IsCancellationRequested; count = ++counts[lane])
        {
            var random = new Random(_seed + (lane * 1_000_003) + count);
            await using var socket = await RawWebSocket.OpenMqttAsync(_broker.WebSocketPort);
            if (random.Next(2) == 0)
                await socket.SendAsync(Packet.Connect(GuardedBroker.As("alice")));
            for (var i = random.Next(1, 10); i > 0; i--)
                await socket.SendRawAsync(Hostile(random));
        }
    }

    private static byte[] Hostile(Random random)
    {
        var noise = new byte[random.Next(300)];
        random.NextBytes(noise);
        var frame = RawWebSocket.Frame(random.Next(3) == 0 ? Packet.PingReq : noise, 0x82);
        switch (random.Next(8))
        {
            case 0:
                return noise;
            case 1:
                frame[0] = (byte)random.Next(256); // reserved bits, opcodes that nobody knows, parts without an end
                return frame;
            case 2:
                frame[1] ^= 0x80; // no mask
                return frame;
            case 3:
                frame[1] = (byte)random.Next(256); // a length that is not true
                return frame;
            case 4:
                return frame[..random.Next(frame.Length)];
            case 5:
                return RawWebSocket.Frame(noise, 0x80 | random.Next(8, 11)); // pings, pongs and closes of any size
            case 6:
                return [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4, .. noise]; // of 9 exabytes
            default:
                return frame;
        }
    }
}
