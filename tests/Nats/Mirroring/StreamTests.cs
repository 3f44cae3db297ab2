using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Mirroring;

/// <summary>Nats:JetStream: copies are in a stream, each once.</summary>
public sealed class StreamTests
{
    private static readonly string[] _settings = ["--Nats:JetStream", "true"];

    [Fact]
    public async Task A_stream_is_made_and_has_every_message_once_with_an_identity()
    {
        await using var server = await NatsServer.StartAsync(NatsServer.JetStream);
        await using var broker = await NatsBroker.StartAsync(server, _settings);
        await using var client = await broker.ConnectAsync(will: new Will("a/will", "gone", 1));

        for (var n = 0; n < 300; n++)
            await client.PublishAsync("a/b", $"{n}", n % 3);
        client.Abort();
        await using var other = await broker.ConnectAsync();

        var messages = await server.ReadMessagesUntilAsync("gone", "MQTT");
        var copies = messages.Where(message => message.Subject == "mqtt.a.b").ToList();
        Assert.Equal(Enumerable.Range(0, 300).Select(n => $"{n}"), copies.Select(NatsPeer.TextOf));
        Assert.Equal(messages.Count, messages.Select(message => $"{message.Headers![MessageHeaders.MessageId]}").Distinct().Count());
        Assert.Contains(messages, message => message.Subject == "mqtt-events.connected");
    }

    [Fact]
    public async Task A_message_that_its_publisher_sends_again_is_there_once()
    {
        await using var server = await NatsServer.StartAsync(NatsServer.JetStream);
        await using var broker = await NatsBroker.StartAsync(server, [.. _settings, "--Nats:EventsPrefix="]);
        var clientId = Unique.ClientId();
        await using (var before = await broker.ConnectAsync(clientId, clean: false))
        {
            await before.SendAsync(Packet.Publish("a", "twice said", 2, 7));
            await before.AnswerAsync(RawType.PubRec, 7);
        }

        await using var after = await broker.ConnectAsync(clientId, clean: false);
        await after.SendAsync(Packet.Publish("a", "twice said", 2, 7, dup: true));
        await after.AnswerAsync(RawType.PubRec, 7);
        await after.SendAsync(Packet.PubRel(7));
        await after.AnswerAsync(RawType.PubComp, 7);
        await after.PublishAsync("a", "fence", 2);

        Assert.Equal(["twice said"], await server.ReadUntilAsync("fence", "MQTT"));
    }

    [Fact]
    public async Task A_server_that_is_killed_under_traffic_has_everything_once_and_in_order()
    {
        await using var server = await NatsServer.StartAsync(NatsServer.JetStream);
        await using var broker = await NatsBroker.StartAsync(server, [.. _settings, "--Nats:EventsPrefix="]);
        await using var bob = await broker.ConnectAsync();
        for (var sent = 0; sent < 2_000; sent += 20)
        {
            // QoS 0 as well: the stream tells what is sent to it again by the number that this silo gave it.
            await bob.SendAsync([.. Enumerable.Range(sent, 20).Select(n => Packet.Publish("a", $"{n}"))]);
            if (sent % 600 == 300)
                await server.KillAsync();
            await bob.ExpectNothingAsync();
            if (sent % 600 == 400)
                await server.RunAsync();
        }

        await bob.PublishAsync("a", "fence", 0);

        Assert.Equal(Enumerable.Range(0, 2_000).Select(n => $"{n}"), await server.ReadUntilAsync("fence", "MQTT"));
    }

    [Fact]
    public async Task A_stream_that_is_full_takes_the_rest_when_it_has_room()
    {
        await using var server = await NatsServer.StartAsync(NatsServer.JetStream);
        await server.AddFullStreamAsync("MQTT", messages: 10);
        await using var broker = await NatsBroker.StartAsync(server, [.. _settings, "--Nats:EventsPrefix="]);
        await using var bob = await broker.ConnectAsync();
        for (var n = 0; n < 30; n++)
            await bob.PublishAsync("a", $"{n}", 1);
        await broker.SaysAsync("The stream MQTT takes no messages");

        await server.WidenStreamAsync("MQTT", messages: 1_000);

        await bob.PublishAsync("a", "fence", 1);
        Assert.Equal(Enumerable.Range(0, 30).Select(n => $"{n}"), await server.ReadUntilAsync("fence", "MQTT"));
        await broker.SaysAsync("The stream MQTT takes messages");
    }

    [Fact]
    public async Task A_server_without_streams_is_complained_of_and_MQTT_and_the_way_in_go_on()
    {
        await using var server = await NatsServer.StartAsync();
        await using var broker = await NatsBroker.StartAsync(server, _settings);
        await broker.SaysAsync("The stream MQTT takes no messages");
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync("a", 1);
        await using var peer = await NatsPeer.HearingAsync(server, "none");

        await alice.PublishAsync("a", "hello", 1);
        await alice.ExpectTextAsync("hello");
        await peer.AskAsync("mqtt-in.a", "from NATS");

        await alice.ExpectTextAsync("from NATS");
    }
}
