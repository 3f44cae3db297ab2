using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Connecting;

/// <summary>Section 3.1, before all else: who may say what first.</summary>
public sealed class FirstPacketTests(SharedBroker broker)
{
    public static TheoryData<string, byte[]> AllButConnect => new()
    {
        { "PUBLISH", Packet.Publish(Unique.Topic(), "early") },
        { "PUBACK", Packet.PubAck(1) },
        { "PUBREC", Packet.PubRec(1) },
        { "PUBREL", Packet.PubRel(1) },
        { "PUBCOMP", Packet.PubComp(1) },
        { "SUBSCRIBE", Packet.Subscribe(1, ("a", 0)) },
        { "UNSUBSCRIBE", Packet.Unsubscribe(1, "a") },
        { "PINGREQ", Packet.PingReq },
        { "DISCONNECT", Packet.Disconnect },
    };

    [Theory, MemberData(nameof(AllButConnect)), Spec("MQTT-3.1.0-1", "MQTT-4.8.0-1")]
    public Task A_connection_that_does_not_begin_with_CONNECT_is_closed(string name, byte[] packet)
    {
        Assert.NotEmpty(name);
        return broker.ExpectClosedUponAsync(packet);
    }

    [Fact, Spec("MQTT-3.1.0-2", "MQTT-4.8.0-1")]
    public async Task A_second_CONNECT_closes_the_connection()
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.Connect(new ConnectOptions { ClientId = client.ClientId }));

        await client.ExpectClosedAsync();
    }

    [Fact, Spec("MQTT-3.1.0-2")]
    public async Task A_second_CONNECT_does_not_touch_the_session_it_names()
    {
        await using var bystander = await broker.ConnectAsync();
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.Connect(new ConnectOptions { ClientId = bystander.ClientId }));

        await client.ExpectClosedAsync();
        await bystander.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.2.0-1")]
    public async Task CONNACK_comes_first_even_when_messages_wait()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using var bob = await broker.ConnectAsync();
        await using (var alice = await broker.ConnectAsync(id, clean: false))
        {
            await alice.SubscribeAsync(topic, 1);
            await alice.DisconnectAsync();
        }

        await bob.PublishAsync(topic, "waiting", qos: 1);

        await using var again = await broker.OpenAsync();
        await again.SendAsync(Packet.Connect(new ConnectOptions { ClientId = id, CleanSession = false }));
        await again.ExpectAsync([0x20, 2, 1, 0]);
        Assert.Equal("waiting", (await again.HearAsync()).Text);
    }

    [Fact, Spec("MQTT-3.1.4-4", "MQTT-3.2.0-1")]
    public async Task A_client_need_not_wait_for_CONNACK_before_it_goes_on()
    {
        var topic = Unique.Topic();
        await using var client = await broker.OpenAsync();

        await client.SendAsync(
            Packet.Connect(new ConnectOptions()),
            Packet.Subscribe(1, (topic, 0)),
            Packet.Publish(topic, "all at once"),
            Packet.PingReq);

        await client.ExpectAsync([0x20, 2, 0, 0]);
        await client.ExpectAsync([0x90, 3, 0, 1, 0]);
        await client.AnswerPingAsync();
        await client.ExpectTextAsync("all at once", topic);
    }

    [Fact, Spec("MQTT-7.0.0-2", "MQTT-7.1.1-1", "MQTT-3.1.4-4")]
    public async Task A_plain_CONNECT_over_TCP_is_enough_to_get_in()
    {
        await using var client = await broker.OpenAsync();

        await client.SendAsync([0x10, 13, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 1, (byte)'%']);

        await client.ExpectAsync([0x20, 2, 0, 0]);
    }
}
