using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Outages;

/// <summary>Nats:Required: nothing is acknowledged that the stream does not have.</summary>
public sealed class RequiredTests
{
    private static readonly string[] _settings =
        ["--Nats:JetStream", "true", "--Nats:Required", "true", "--Nats:EventsPrefix="];

    [Fact]
    public async Task Acknowledgements_wait_for_the_stream_and_QoS_0_does_not()
    {
        await using var server = await NatsServer.StartAsync(NatsServer.JetStream);
        await using var broker = await NatsBroker.StartAsync(server, _settings);
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("a", 0);
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync("a", "1", 1);
        await alice.ExpectTextAsync("1");

        await server.KillAsync();
        await Eventually.ThatAsync(async () => !await broker.IsReadyAsync());
        await bob.SendAsync(Packet.Publish("a", "2", 1, 2), Packet.Publish("a", "3", 2, 3));
        await alice.ExpectTextAsync("2");
        await alice.ExpectTextAsync("3");
        await alice.PublishAsync("a", "live goes on");
        await alice.ExpectTextAsync("live goes on");
        await bob.ExpectNothingAsync();

        await server.RunAsync();
        await bob.AnswerAsync(RawType.PubAck, 2);
        await bob.AnswerAsync(RawType.PubRec, 3);
        await Eventually.ThatAsync(broker.IsReadyAsync);
        await bob.PublishAsync("a", "fence", 1);
        Assert.Equal(["1", "2", "3", "live goes on"], await server.ReadUntilAsync("fence", "MQTT"));
    }

    [Fact]
    public async Task Publishers_wait_when_the_buffer_is_full_and_none_of_their_messages_is_left_out()
    {
        await using var server = await NatsServer.StartAsync(NatsServer.JetStream);
        await using var broker = await NatsBroker.StartAsync(server, [.. _settings, "--Nats:BufferBytes", "65536"]);
        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync("a", "0", 1);
        await server.KillAsync();

        for (var n = 1; n <= 300; n++)
            await bob.SendAsync(Packet.Publish("a", $"{n}".PadRight(1_000), 1, n));
        await server.RunAsync();

        for (var n = 1; n <= 300; n++)
            await bob.AnswerAsync(RawType.PubAck, n);
        await bob.PublishAsync("a", "fence", 1);
        Assert.Equal(
            Enumerable.Range(0, 301).Select(n => $"{n}"),
            (await server.ReadUntilAsync("fence", "MQTT")).Select(text => text.Trim()));
    }

    [Theory]
    [InlineData("--Nats:Required", "true", "Nats:Required needs Nats:JetStream")]
    [InlineData("--Nats:InPrefix", "mqtt.in", "must not lie within one another")]
    [InlineData("--Nats:Prefix", "a b", "Prefix")]
    [InlineData("--Nats:NKeySeed", "SUA", "Nats:NKeySeed")]
    [InlineData("--Nats:CredentialsFile", "/no/such/file", "/no/such/file")]
    [InlineData("--nats", "http://there", "--nats")]
    public async Task A_wrong_setting_ends_the_start_with_a_line_that_names_it(string setting, string value, string complaint)
    {
        await using var server = NatsServer.Prepare();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var broker = await NatsBroker.StartAsync(server, setting, value);
        });

        Assert.Contains("Orleans.Mqtt does not start", failure.Message, StringComparison.Ordinal);
        Assert.Contains(complaint, failure.Message, StringComparison.Ordinal);
    }
}
