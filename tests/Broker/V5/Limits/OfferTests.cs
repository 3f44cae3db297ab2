using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Limits;

/// <summary>Section 3.2.2.3: what a broker does not offer it says in CONNACK, and holds its clients to it.</summary>
[Collection(nameof(StrictBroker))]
public sealed class OfferTests(StrictBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Fact, Spec("MQTT-3.2.2-9")]
    public async Task CONNACK_says_all_of_it()
    {
        await using var client = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, 61));

        var offer = client.Welcome.ToDictionary(property => property.Id, property => property.Number);

        Assert.Equal(1, offer[Prop.MaximumQoS]);
        Assert.Equal(0, offer[Prop.RetainAvailable]);
        Assert.Equal(0, offer[Prop.WildcardAvailable]);
        Assert.Equal(0, offer[Prop.SubscriptionIdAvailable]);
        Assert.Equal(0, offer[Prop.SharedAvailable]);
        Assert.Equal(4, offer[Prop.ServerKeepAlive]);
        Assert.Equal(60, offer[Prop.SessionExpiry]);
        Assert.Equal(5, offer[Prop.ReceiveMaximum]);
        Assert.Equal(1_000, offer[Prop.MaximumPacketSize]);
        Assert.Equal(9, offer.Count);
    }

    [Fact]
    public async Task What_a_client_asks_for_within_the_limits_is_not_repeated()
    {
        await using var client = await broker.ConnectAsync(ConnectOptions.Version5 with
        {
            KeepAlive = 1, Properties = new Props().Int(Prop.SessionExpiry, 60),
        });

        Assert.False(client.Welcome.Has(Prop.ServerKeepAlive));
        Assert.False(client.Welcome.Has(Prop.SessionExpiry));
    }

    [Fact, Spec("MQTT-3.1.2-28")]
    public async Task Response_information_is_for_those_who_ask()
    {
        var id = Unique.ClientId();
        await using var client = await broker.Connect5Async(new Props().Byte(Prop.RequestResponse, 1), id);
        Assert.Equal($"answers/{id}", client.Welcome.Find(Prop.ResponseInformation)!.Text);

        foreach (var properties in new[] { new Props(), new Props().Byte(Prop.RequestResponse, 0) })
        {
            await using var other = await broker.Connect5Async(properties);
            Assert.False(other.Welcome.Has(Prop.ResponseInformation));
        }
    }

    [Fact, Spec("MQTT-3.1.2-22")]
    public async Task The_servers_keep_alive_counts()
    {
        using var watch = PromiseClock.StartNew();
        await using var client = await broker.ConnectAsync(ConnectOptions.Version5 with { KeepAlive = 3_600 });
        await client.ExpectGoodbyeAsync(0x8D);
        watch.ExpectBetween(5.9, 9);
    }

    [Fact]
    public async Task A_QoS_above_the_maximum_ends_the_connection()
    {
        await broker.ExpectGoodbyeUponAsync(0x9B, Packet.Publish(_topic, "", 2, 1, properties: new Props()));
        await broker.ExpectClosedUponAsync(Packet.Publish(_topic, "", 2, 1));
    }

    [Fact, Spec("MQTT-3.2.2-10", "MQTT-3.8.4-7")]
    public async Task A_subscription_with_a_QoS_above_the_maximum_is_granted_the_maximum()
    {
        await using var alice = await broker.Connect5Async();
        var granted = await alice.AskAsync(($"{_topic}/2", 2), ($"{_topic}/1", 1), ($"{_topic}/0", 0));
        Assert.Equal([1, 1, 0], granted);
        await alice.PublishAsync($"{_topic}/2", "hello", 1);
        Assert.Equal(1, (await alice.HearAsync()).QoS);
    }

    [Fact, Spec("MQTT-3.2.2-12")]
    public Task A_will_with_a_QoS_above_the_maximum_is_refused() => ExpectWillRefusedAsync(new Will(_topic, "will", qos: 2), 0x9B);

    [Fact, Spec("MQTT-3.2.2-13")]
    public Task A_will_to_be_retained_is_refused() => ExpectWillRefusedAsync(new Will(_topic, "will", retain: true), 0x9A);

    [Fact]
    public Task A_will_that_is_not_the_UTF8_it_is_said_to_be_is_refused() => ExpectWillRefusedAsync(
        new Will(_topic, [0xFF]) { Properties = new Props().Byte(Prop.PayloadFormat, 1) }, 0x99);

    [Fact]
    public async Task A_message_to_be_retained_ends_the_connection()
    {
        await broker.ExpectGoodbyeUponAsync(0x9A, Packet.Publish(_topic, "", retain: true, properties: new Props()));
        await broker.ExpectClosedUponAsync(Packet.Publish(_topic, "", retain: true));
    }

    [Fact]
    public async Task A_filter_with_a_wildcard_ends_the_connection_of_who_was_told()
    {
        await broker.ExpectGoodbyeUponAsync(0xA2, Packet.Subscribe(1, new Props(), (_topic, 0), ($"{_topic}/#", 0)));
        await broker.ExpectGoodbyeUponAsync(0xA2, Packet.Subscribe(1, new Props(), ("+", 0)));

        await using var old = await broker.ConnectAsync(new ConnectOptions());
        var granted = await old.AskAsync(($"{_topic}/#", 1), (_topic, 0));
        Assert.Equal([0x80, 0], granted);
    }

    [Fact]
    public Task A_subscription_identifier_ends_the_connection() => broker.ExpectGoodbyeUponAsync(
        0xA1, Packet.Subscribe(1, new Props().VarInt(Prop.SubscriptionId, 1), (_topic, 0)));

    [Fact]
    public async Task A_shared_subscription_ends_the_connection_of_who_was_told()
    {
        await broker.ExpectGoodbyeUponAsync(0x9E, Packet.Subscribe(1, new Props(), ($"$share/g/{_topic}", 0)));

        await using var old = await broker.ConnectAsync(new ConnectOptions());
        var granted = await old.AskAsync(($"$share/g/{_topic}", 1));
        Assert.Equal([0x80], granted);
    }

    [Fact]
    public async Task An_alias_ends_the_connection_where_there_are_none() =>
        await broker.ExpectGoodbyeUponAsync(
            0x94, Packet.Publish(_topic, "", properties: new Props().Short(Prop.TopicAlias, 1)));

    [Fact]
    public async Task More_under_way_than_is_taken_ends_the_connection()
    {
        await using var client = await broker.Connect5Async();
        await client.SendAsync([.. Enumerable.Range(1, 6).Select(id => Packet.Publish(_topic, "", 1, id, properties: new Props()))]);
        var last = (await client.DrainAsync())[^1];
        Assert.Equal((RawType.Disconnect, 0x93), (last.Type, last.Reason));
    }

    [Theory, InlineData(1), Spec("MQTT-3.4.2-1")]
    public async Task A_payload_that_is_not_the_UTF8_it_is_said_to_be_is_refused(int qos)
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, qos);
        var said = new Props().Byte(Prop.PayloadFormat, 1);

        await alice.SendAsync(Packet.Publish(_topic, [0xC3, 0x28], qos, 1, properties: said));
        var answer = await alice.AnswerAsync(RawType.PubAck, 1);
        Assert.Equal(0x99, answer.Reason);
        Assert.NotEmpty(answer.Properties.Find(Prop.ReasonString)!.Text);

        await alice.PublishAsync(_topic, "\u00E9"u8.ToArray(), qos, properties: said);
        Assert.Equal("\u00E9", (await alice.HearAsync()).Text);
        await alice.PublishAsync(_topic, [0xC3, 0x28], qos, properties: new Props().Byte(Prop.PayloadFormat, 0));
        Assert.Equal([0xC3, 0x28], (await alice.HearAsync()).Payload);
        await broker.ExpectGoodbyeUponAsync(0x99, Packet.Publish(_topic, [0xFF], properties: said));
    }

    private async Task ExpectWillRefusedAsync(Will will, int reason)
    {
        await using var client = await broker.OpenAsync();
        await client.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5 with { Will = will }), reason);
        if (will.QoS < 2 && !will.Retain)
            return;

        await using var old = await broker.OpenAsync();
        await old.ExpectRefusalAsync(new ConnectOptions { Will = will }, returnCode: 3);
    }
}
