using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Connecting;

/// <summary>Sections 3.1 and 3.2: how a connection begins.</summary>
public sealed class FirstPacketTests(SharedBroker broker)
{
    [Fact, Spec("MQTT-3.1.0-1", "MQTT-3.14.0-1")]
    public async Task A_connection_that_does_not_begin_with_CONNECT_is_closed_without_a_word()
    {
        await broker.ExpectClosedUponAsync(Packet.Auth(0x18, new Props().Text(Prop.AuthMethod, "X")));
        await broker.ExpectClosedUponAsync(Packet.Publish("t", "hello", properties: new Props()));
        await broker.ExpectClosedUponAsync(Packet.Goodbye(0));
    }

    [Fact, Spec("MQTT-3.1.0-2", "MQTT-3.2.0-2", "MQTT-4.13.1-1")]
    public async Task A_second_CONNECT_is_a_protocol_error()
    {
        await using var client = await broker.Connect5Async();

        await client.SendAsync(Packet.Connect(ConnectOptions.Version5));

        await client.ExpectGoodbyeAsync(0x82);
    }

    [Fact, Spec("MQTT-3.2.0-1", "MQTT-3.1.4-5", "MQTT-3.2.2-1", "MQTT-3.2.2-8")]
    public async Task CONNACK_comes_before_everything_else()
    {
        var topic = Unique.Topic();
        await using var client = await broker.OpenAsync();

        await client.SendAsync(
            Packet.Connect(ConnectOptions.Version5),
            Packet.Subscribe(1, new Props(), (topic, 0)),
            Packet.Publish(topic, "hello", properties: new Props()),
            Packet.PingReq);

        var first = await client.ReceiveAsync();
        Assert.Equal((0x20, 0, 0), (first.Header, first.Body[0], first.Body[1]));
        Assert.Equal(RawType.SubAck, (await client.ReceiveAsync()).Type);
    }

    [Fact, Spec("MQTT-3.2.0-1")]
    public async Task What_waits_for_a_session_comes_after_its_CONNACK()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        var lasting = new Props().Int(Prop.SessionExpiry, 60);
        await using (var alice = await broker.Connect5Async(lasting, id))
        {
            await alice.SubscribeAsync(topic, 0);
            await alice.SubscribeAsync(topic + "/x", 1);
            await alice.DisconnectAsync();
        }

        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync(topic + "/x", "waits", qos: 1);
        using var end = new CancellationTokenSource();
        var noise = PublishUntilAsync(bob, topic, end.Token);
        for (var i = 0; i < 10; i++)
        {
            await using var again = await broker.OpenAsync();
            await again.SendAsync(Packet.Connect(ConnectOptions.Version5 with
            {
                ClientId = id, CleanSession = false, Properties = lasting,
            }));
            Assert.Equal(RawType.ConnAck, (await again.ReceiveAsync()).Type);
        }

        await end.CancelAsync();
        await noise;
    }

    [Fact, Spec("MQTT-3.1.2-1")]
    public async Task Another_protocol_is_not_spoken()
    {
        await using var client = await broker.OpenAsync();
        await client.SendAsync(Packet.Connect(ConnectOptions.Version5 with { ProtocolName = "MQTX" }));
        await client.ExpectClosedAsync();
    }

    [Fact, Spec("MQTT-3.1.2-2")]
    public async Task A_version_beyond_five_is_refused_as_a_client_that_is_not_of_five_understands_it()
    {
        await using var client = await broker.OpenAsync();
        await client.SendAsync(Packet.Connect(ConnectOptions.Version5 with { Level = 6 }));
        await client.ExpectAsync([0x20, 2, 0, 1]);
        await client.ExpectClosedAsync();
    }

    [Fact, Spec("MQTT-3.1.4-6", "MQTT-3.1.4-2", "MQTT-3.2.2-6", "MQTT-3.2.2-7", "MQTT-4.13.2-1")]
    public async Task What_follows_a_CONNECT_that_is_refused_is_not_heard()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.Connect5Async();
        await witness.SubscribeAsync(topic);
        await using var client = await broker.OpenAsync();
        var connect = Packet.Connect(ConnectOptions.Version5 with
        {
            Properties = new Props().Text(Prop.AuthMethod, "no such method"),
        });

        await client.ExpectReasonedRefusalAsync([.. connect, .. Packet.Publish(topic, "refused", properties: new Props())], 0x8C);

        await witness.PublishAsync(topic, "fence");
        await witness.ExpectTextAsync("fence");
    }

    private static async Task PublishUntilAsync(RawClient client, string topic, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await client.PublishAsync(topic, "noise");
            await client.ExpectNothingAsync();
        }
    }
}
