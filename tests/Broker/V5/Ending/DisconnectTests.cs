using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Ending;

/// <summary>Section 3.14: the end, said by either side.</summary>
public sealed class DisconnectTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(false), InlineData(true), Spec("MQTT-3.14.4-3", "MQTT-3.1.2-8", "MQTT-3.1.2-10")]
    public async Task A_normal_end_takes_the_will_with_it(bool saysReason)
    {
        await using var witness = await broker.Connect5Async();
        await witness.SubscribeAsync(_topic);
        await using (var client = await broker.Connect5Async(will: new Will(_topic, "will")))
        {
            await client.SendAsync(saysReason ? Packet.Goodbye(0, new Props().Text(Prop.ReasonString, "done")) : Packet.Disconnect);
            await client.ExpectClosedAsync();
        }

        await witness.PublishAsync(_topic, "fence");
        await witness.ExpectTextAsync("fence");
    }

    [Theory, InlineData(0x04), InlineData(0x80), InlineData(0x83), InlineData(0x97), Spec("MQTT-3.1.2-8")]
    public async Task Every_other_end_publishes_the_will(int reason)
    {
        await using var witness = await broker.Connect5Async();
        await witness.SubscribeAsync(_topic);
        await using var client = await broker.Connect5Async(will: new Will(_topic, "will"));

        await client.SendAsync(Packet.Goodbye(reason));

        await client.ExpectClosedAsync();
        await witness.ExpectTextAsync("will");
    }

    [Fact, Spec("MQTT-3.14.1-1")]
    public async Task DISCONNECT_with_flags_is_malformed_and_not_a_farewell()
    {
        await using var witness = await broker.Connect5Async();
        await witness.SubscribeAsync(_topic);
        await using var client = await broker.Connect5Async(will: new Will(_topic, "will"));

        await client.SendAsync(Packet.Of(0xE1));

        await client.ExpectGoodbyeAsync(0x81);
        await witness.ExpectTextAsync("will");
    }

    [Fact]
    public async Task A_reason_that_DISCONNECT_does_not_know_is_malformed()
    {
        foreach (var reason in new[] { 0x01, 0x10, 0x85, 0x91, 0xFF })
            await broker.ExpectGoodbyeUponAsync(0x81, Packet.Goodbye(reason));
    }

    [Fact]
    public async Task A_session_that_was_to_end_with_its_connection_cannot_be_made_to_last()
    {
        await broker.ExpectGoodbyeUponAsync(0x82, Packet.Goodbye(0, new Props().Int(Prop.SessionExpiry, 60)));
        await using var client = await broker.Connect5Async();
        await client.SendAsync(Packet.Goodbye(0, new Props().Int(Prop.SessionExpiry, 0)));
        await client.ExpectClosedAsync();
    }

    [Fact, Spec("MQTT-4.1.0-2")]
    public async Task A_session_can_be_ended_with_its_DISCONNECT()
    {
        var (id, lasting) = (Unique.ClientId(), new Props().Int(Prop.SessionExpiry, 600));
        await using (var client = await broker.Connect5Async(lasting, id))
        {
            await client.SubscribeAsync(_topic, 1);
            await client.SendAsync(Packet.Goodbye(0, new Props().Int(Prop.SessionExpiry, 0)));
            await client.ExpectClosedAsync();
        }

        await using var again = await broker.Connect5Async(lasting, id, clean: false);
        Assert.False(again.SessionPresent);
    }

    [Fact, Spec("MQTT-3.14.2-1", "MQTT-3.14.2-2", "MQTT-3.14.4-1", "MQTT-3.14.4-2", "MQTT-4.13.2-1")]
    public async Task What_the_broker_says_last_is_a_reason_and_nothing_follows()
    {
        await using var client = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, 60));
        await client.SubscribeAsync(_topic, 1);
        await using var bob = await broker.Connect5Async();

        await client.SendAsync(Packet.Of(0x30, 0, 1, 0xFF, 0), Packet.PingReq);
        await bob.PublishAsync(_topic, "too late", 1);

        var packets = await client.DrainAsync();
        var last = packets[^1];
        Assert.Equal((RawType.Disconnect, 0x81), (last.Type, last.Reason));
        Assert.Equal([Prop.ReasonString], last.Properties.Select(property => property.Id));
        Assert.DoesNotContain(packets, packet => packet.Type is RawType.PingResp);
    }

    [Fact, Spec("MQTT-3.14.2-3", "MQTT-3.1.2-24")]
    public async Task The_reason_in_words_is_left_out_where_it_does_not_fit_or_is_not_wanted()
    {
        await using var narrow = await broker.Connect5Async(new Props().Int(Prop.MaximumPacketSize, 20));
        await narrow.SendAsync(Packet.Of(0xC1));
        Assert.Empty(await narrow.ExpectGoodbyeAsync(0x81));

        await using var curt = await broker.Connect5Async(new Props().Byte(Prop.RequestProblems, 0));
        await curt.SendAsync(Packet.Of(0xC1));
        Assert.Empty(await curt.ExpectGoodbyeAsync(0x81));
    }

    [Fact, Spec("MQTT-3.1.4-3", "MQTT-3.1.2-8")]
    public async Task Who_is_taken_over_is_told_so()
    {
        var id = Unique.ClientId();
        await using var witness = await broker.Connect5Async();
        await witness.SubscribeAsync(_topic);
        await using var old = await broker.Connect5Async(clientId: id, will: new Will(_topic, "taken over"));

        await using var young = await broker.Connect5Async(clientId: id);

        await old.ExpectGoodbyeAsync(0x8E);
        await witness.ExpectTextAsync("taken over");
        await young.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.14.0-1", "MQTT-3.2.0-1", "MQTT-3.1.4-3")]
    public async Task Who_is_taken_over_before_its_CONNACK_is_not_told_so()
    {
        var options = ConnectOptions.Version5 with { ClientId = Unique.ClientId(), Properties = new Props().Int(Prop.SessionExpiry, 60) };
        var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => broker.OpenAsync()));
        await Task.WhenAll(clients.Select(client => client.SendAsync(Packet.Connect(options))));
        var ends = clients.Select(client => client.DrainAsync()).ToList();
        while (ends.Count > 1)
        {
            var packets = await await Task.WhenAny(ends);
            ends.RemoveAll(end => end.IsCompleted && end.Result == packets); // those that have ended: nothing waits
            if (packets.Count == 0)
                continue;
            Assert.Equal((RawType.ConnAck, 0), (packets[0].Type, packets[0].Reason));
            Assert.Equal((RawType.Disconnect, 0x8E), (packets[^1].Type, packets[^1].Reason));
        }

        await using var last = await broker.ConnectAsync(options);
        await ends[0];
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact, Spec("MQTT-3.1.2-22", "MQTT-3.2.2-22", "MQTT-3.1.2-8")]
    public async Task Who_is_silent_for_too_long_is_told_so()
    {
        await using var witness = await broker.Connect5Async();
        await witness.SubscribeAsync(_topic);
        using var watch = PromiseClock.StartNew(); // before its last packet: what is measured is never less than the silence was
        await using var client = await broker.ConnectAsync(
            ConnectOptions.Version5 with { KeepAlive = 1, Will = new Will(_topic, "silent") });

        await client.ExpectGoodbyeAsync(0x8D);

        watch.ExpectBetween(1.4, 4);
        await witness.ExpectTextAsync("silent");
    }

    [Fact, Spec("MQTT-3.12.4-1")]
    public async Task PINGREQ_is_answered()
    {
        await using var client = await broker.Connect5Async();
        await client.ExpectNothingAsync();
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0xC0, 0));
    }

    [Fact, Spec("MQTT-4.13.1-1", "MQTT-2.1.3-1")]
    public async Task What_only_a_server_says_is_a_protocol_error()
    {
        foreach (var packet in new[]
        {
            Packet.Of(0x20, 0, 0, 0), Packet.Of(0x90, 0, 1, 0, 0), Packet.Of(0xB0, 0, 1, 0, 0), Packet.PingResp,
        })
        {
            await broker.ExpectGoodbyeUponAsync(0x82, packet);
        }

        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0x00));
    }

    [Fact]
    public async Task Last_words_reach_a_client_that_is_still_talking()
    {
        // More than the socket's buffers hold lies unread when the broker has had enough.
        await using var client = await broker.Connect5Async();
        var much = Enumerable.Repeat(Packet.Publish(_topic, new byte[100_000], properties: new Props()), 20);
        await client.SendAsync([.. much, Packet.Publish("+", "", properties: new Props()), .. much]);
        await client.ExpectGoodbyeAsync(0x90);
    }
}
