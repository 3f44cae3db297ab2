using System.Globalization;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Bytes before a handshake that are none.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class TlsFuzzTests
{
    private static readonly int _seed = int.Parse(
        Environment.GetEnvironmentVariable("ORLEANS_MQTT_TEST_SEED") ?? "20240601", CultureInfo.InvariantCulture);

    private readonly GuardedBroker _broker;

    public TlsFuzzTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    [Fact]
    public async Task Whatever_comes_instead_of_a_handshake_ends_the_connection_and_troubles_nobody()
    {
        for (var round = 0; round < 300; round++)
        {
            var port = (round % 3) switch { 0 => _broker.TlsPort, 1 => _broker.SecureWebSocketPort, _ => _broker.ProxyPort };
            await using var client = await RawClient.OpenAsync(port);
            await client.SendAsync(Hostile(new Random(_seed + round)));
            if (round % 2 == 0)
                client.Abort();
        }

        await using var alice = await Tls.ConnectAsync(_broker.TlsPort, _broker.Authority, GuardedBroker.As("alice"));
        await alice.ExpectNothingAsync();
        var ourFault = _broker.Broker.Output.FirstOrDefault(line => line.Contains(" fail: ", StringComparison.Ordinal));
        Assert.True(ourFault is null, ourFault);
    }

    private static byte[] Hostile(Random random)
    {
        var noise = new byte[random.Next(1, 300)];
        random.NextBytes(noise);
        return random.Next(4) switch
        {
            0 => noise,
            1 => [(byte)random.Next(20, 25), 3, (byte)random.Next(5), 0, (byte)Math.Min(noise.Length, 255), .. noise], // a record of some kind
            2 => [22, 3, 1, 0, (byte)Math.Min(noise.Length, 255), 1, .. noise], // a ClientHello, until it is looked at
            _ => Packet.Connect(GuardedBroker.As("alice")),
        };
    }
}
