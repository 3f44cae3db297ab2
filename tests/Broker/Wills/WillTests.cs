using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Wills;

/// <summary>Section 3.1.2.5: what a client wants to have said when it can no longer say it.</summary>
public sealed class WillTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.1.2-8", "MQTT-3.1.2-9", "MQTT-3.1.2-16")]
    public async Task A_network_that_fails_publishes_the_will_with_its_QoS(int qos)
    {
        await using var witness = await WitnessAsync();
        await using var client = await broker.ConnectAsync(will: new Will(_topic, "will", qos));

        client.Abort();

        var heard = await witness.HearAsync();
        Assert.Equal((_topic, "will", qos, false), (heard.Topic, heard.Text, heard.QoS, heard.Retain));
    }

    [Fact, Spec("MQTT-3.1.2-8")]
    public async Task A_connection_that_is_closed_without_DISCONNECT_publishes_the_will()
    {
        await using var witness = await WitnessAsync();

        await using (await broker.ConnectAsync(will: new Will(_topic, "will")))
        {
            // It leaves without a word.
        }

        await witness.ExpectTextAsync("will");
    }

    [Fact, Spec("MQTT-3.1.2-8", "MQTT-4.8.0-1")]
    public async Task A_protocol_violation_publishes_the_will()
    {
        await using var witness = await WitnessAsync();
        await using var client = await broker.ConnectAsync(will: new Will(_topic, "will"));

        await client.SendAsync(Packet.Of(0xF0));

        await client.ExpectClosedAsync();
        await witness.ExpectTextAsync("will");
    }

    [Fact, Spec("MQTT-3.1.2-8", "MQTT-3.1.0-2")]
    public async Task A_second_CONNECT_publishes_the_will_of_the_first()
    {
        TestBroker.MosquittoDiffers("2.0.11 forgets the will then");
        await using var witness = await WitnessAsync();
        await using var client = await broker.ConnectAsync(will: new Will(_topic, "first"));

        await client.SendAsync(Packet.Connect(new ConnectOptions { Will = new Will(_topic, "second") }));

        await witness.ExpectTextAsync("first");
        await witness.PublishAsync(_topic, "fence");
        await witness.ExpectTextAsync("fence");
    }

    [Theory, InlineData(true), InlineData(false), Spec("MQTT-3.1.2-8", "MQTT-3.1.4-2")]
    public async Task A_takeover_publishes_the_will_of_the_old_connection(bool clean)
    {
        if (!clean)
            TestBroker.MosquittoDiffers("2.0.11 forgets the will of a session that is taken over");
        var id = Unique.ClientId();
        await using var witness = await WitnessAsync();
        await using var old = await broker.ConnectAsync(id, clean, new Will(_topic, "old"));

        await using var young = await broker.ConnectAsync(id, clean, new Will(_topic, "young"));
        await witness.ExpectTextAsync("old");

        young.Abort();
        await witness.ExpectTextAsync("young");
    }

    [Theory, InlineData(true), InlineData(false), Spec("MQTT-3.14.4-3", "MQTT-3.1.2-10")]
    public async Task A_farewell_deletes_the_will(bool clean)
    {
        await using var witness = await WitnessAsync();
        await using (var client = await broker.ConnectAsync(Unique.ClientId(), clean, new Will(_topic, "will")))
            await client.DisconnectAsync();

        await witness.PublishAsync(_topic, "fence");

        await witness.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-3.1.2-10", "MQTT-3.1.2-12")]
    public async Task A_will_is_published_once_and_not_inherited()
    {
        var id = Unique.ClientId();
        await using var witness = await WitnessAsync();
        await using (var first = await broker.ConnectAsync(id, clean: false, new Will(_topic, "will")))
            first.Abort();
        await witness.ExpectTextAsync("will");

        await using (var second = await broker.ConnectAsync(id, clean: false))
            second.Abort();
        await using (await broker.ConnectAsync(id, clean: true))
            await witness.PublishAsync(_topic, "fence");

        await witness.ExpectTextAsync("fence");
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.1.2-17")]
    public async Task A_will_with_retain_is_kept(int qos)
    {
        await using var witness = await WitnessAsync();
        await using (var client = await broker.ConnectAsync(will: new Will(_topic, "kept", qos, retain: true)))
            client.Abort();
        var live = await witness.HearAsync();
        Assert.Equal(("kept", qos, false), (live.Text, live.QoS, live.Retain));

        await using var late = await WitnessAsync();

        var kept = await late.HearAsync();
        Assert.Equal(("kept", qos, true), (kept.Text, kept.QoS, kept.Retain));
    }

    [Fact, Spec("MQTT-3.1.2-16")]
    public async Task A_will_without_retain_is_not_kept()
    {
        await using var witness = await WitnessAsync();
        await using (var client = await broker.ConnectAsync(will: new Will(_topic, "passing", qos: 1)))
            client.Abort();
        await witness.ExpectTextAsync("passing");

        await using var late = await WitnessAsync();

        await late.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-17", "MQTT-3.3.1-10")]
    public async Task An_empty_will_with_retain_removes_what_was_kept()
    {
        await using var witness = await WitnessAsync();
        await witness.PublishAsync(_topic, "online", qos: 1, retain: true);
        await witness.ExpectTextAsync("online");
        await using (var client = await broker.ConnectAsync(will: new Will(_topic, "", retain: true)))
            client.Abort();
        await witness.ExpectTextAsync("");

        await using var late = await WitnessAsync();

        await late.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-9")]
    public async Task A_will_may_be_any_bytes()
    {
        byte[] payload = [0, 0xFF, 0xC3, 0x28, .. new byte[60_000]];
        await using var witness = await WitnessAsync();
        await using var client = await broker.ConnectAsync(will: new Will(_topic, payload, QoS: 1));

        client.Abort();

        Assert.Equal(payload, (await witness.HearAsync()).Payload);
    }

    [Fact, Spec("MQTT-3.1.2-8", "MQTT-3.1.2-5")]
    public async Task A_will_waits_for_those_who_are_away()
    {
        var id = Unique.ClientId();
        await using (var away = await broker.ConnectAsync(id, clean: false))
        {
            await away.SubscribeAsync(_topic, 1);
            await away.DisconnectAsync();
        }

        await using var witness = await WitnessAsync();
        await using (var client = await broker.ConnectAsync(will: new Will(_topic, "will", qos: 1)))
            client.Abort();
        await witness.ExpectTextAsync("will");

        await using var back = await broker.ConnectAsync(id, clean: false);
        await back.ExpectTextAsync("will");
    }

    private async Task<RawClient> WitnessAsync()
    {
        var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(_topic, 2);
        return witness;
    }
}
