using Orleans.Mqtt.Tests.Broker.Shared;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Shared;

/// <summary>Section 4.8.2, as clients of MQTT 5 see it.</summary>
public sealed class SharedTests(SharedBroker broker)
{
    private const int NoLocal = 4, RetainAsPublished = 8;
    private const int Window = 100;

    private readonly string _topic = Unique.Topic();

    private string Filter => $"$share/g/{_topic}";

    [Theory, Spec("MQTT-4.8.2-1", "MQTT-4.8.2-2")]
    [InlineData("$share"), InlineData("$share/"), InlineData("$share/g"), InlineData("$share/g/"), InlineData("$share//a")]
    [InlineData("$share/+/a"), InlineData("$share/#")]
    public Task A_filter_that_is_not_whole_ends_the_connection(string filter) =>
        ExpectGoodbyeUponAsync(0x82, Packet.Subscribe(1, new Props(), (filter, 1)));

    [Fact, Spec("MQTT-3.8.3-4")]
    public Task No_Local_on_a_shared_subscription_ends_the_connection() =>
        ExpectGoodbyeUponAsync(0x82, Packet.Subscribe(1, new Props(), (Filter, 1 | NoLocal)));

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-4.8.2-3")]
    public async Task Each_member_hears_at_the_QoS_that_it_was_granted(int published)
    {
        await using var publisher = await broker.Connect5Async();
        var members = new List<RawClient>();
        for (var granted = 0; granted <= 2; granted++)
        {
            members.Add(await broker.Connect5Async());
            await members[granted].SubscribeAsync(Filter, granted);
        }

        await publisher.PublishCountAsync(_topic, 6, published);

        for (var granted = 0; granted <= 2; granted++)
        {
            Assert.Equal(Math.Min(published, granted), (await members[granted].HearAsync()).QoS);
            Assert.Equal(Math.Min(published, granted), (await members[granted].HearAsync()).QoS);
            await members[granted].DisposeAsync();
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    [Spec("MQTT-3.3.4-3", "MQTT-3.3.1-13")]
    public async Task What_a_member_asked_for_it_gets(int qos)
    {
        await using var publisher = await broker.Connect5Async();
        await using var member = await broker.Connect5Async();
        await member.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 268_435_455), (Filter, qos | RetainAsPublished));

        await publisher.PublishAsync(_topic, "kept", qos, retain: true, new Props().User("a", "1").Text(Prop.ContentType, "t"));

        var heard = await member.HearAsync();
        Assert.True(heard.Retain);
        Assert.Equal([268_435_455], heard.Properties.Numbers(Prop.SubscriptionId));
        Assert.Equal([("a", "1")], heard.Properties.User());
        Assert.Equal("t", heard.Properties.Find(Prop.ContentType)!.Text);
        await publisher.PublishAsync(_topic, "", retain: true);
    }

    [Fact, Spec("MQTT-3.3.1-12")]
    public async Task Nothing_retained_comes_with_a_shared_subscription_whatever_it_asks_for()
    {
        await using var publisher = await broker.Connect5Async();
        await publisher.PublishAsync(_topic, "kept", 1, retain: true);
        await using var member = await broker.Connect5Async();
        await member.SubscribeAsync(Filter, 1);

        await publisher.PublishAsync(_topic, "fence", 1, retain: true);

        var heard = await member.HearAsync();
        Assert.Equal(("fence", false), (heard.Text, heard.Retain));
        await publisher.PublishAsync(_topic, "", 1, retain: true);
    }

    [Fact, Spec("MQTT-4.8.2-4")]
    public async Task What_was_sent_with_QoS_2_is_finished_when_its_member_is_back()
    {
        var lasting = new Props().Int(Prop.SessionExpiry, 60);
        await using var publisher = await broker.Connect5Async();
        var breaks = await broker.Connect5Async(lasting);
        await breaks.SubscribeAsync(Filter, 2);
        await publisher.PublishCountAsync(_topic, Window + 20, qos: 2);
        var first = new List<Heard>();
        for (var i = 0; i < Window; i++)
            first.Add(await breaks.HearUnansweredAsync());
        await using var stays = await broker.Connect5Async();
        await stays.SubscribeAsync(Filter, 2);

        breaks.Abort();
        Assert.Equal(Enumerable.Range(Window, 20), await stays.HearCountAsync(20));

        await using var again = await broker.Connect5Async(lasting, breaks.ClientId, clean: false);
        foreach (var heard in first)
        {
            var repeated = await again.HearAsync();
            Assert.Equal((heard.PacketId, heard.Text, true), (repeated.PacketId, repeated.Text, repeated.Dup));
        }
    }

    [Fact, Spec("MQTT-4.8.2-5")]
    public async Task What_was_sent_with_QoS_2_ends_with_its_session()
    {
        await using var publisher = await broker.Connect5Async();
        await using var breaks = await broker.Connect5Async();
        await breaks.SubscribeAsync(Filter, 2);
        await publisher.PublishAsync(_topic, "sent", 2);
        await breaks.HearUnansweredAsync();
        await using var stays = await broker.Connect5Async();
        await stays.SubscribeAsync(Filter, 2);

        breaks.Abort();
        await publisher.PublishCountAsync(_topic, 2, qos: 2);

        // One may have been given to the one that broke before the broker heard of it; that one was not sent.
        var texts = new[] { (await stays.HearAsync()).Text, (await stays.HearAsync()).Text };
        Assert.Equal(["0", "1"], texts.Order());
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-4.8.2-6")]
    public async Task What_a_member_refuses_goes_to_nobody_else(int qos)
    {
        await using var publisher = await broker.Connect5Async();
        await using var refuses = await broker.Connect5Async();
        await refuses.SubscribeAsync(Filter, qos);
        await publisher.PublishAsync(_topic, "refused", qos);
        var heard = await refuses.HearUnansweredAsync();
        await using var other = await broker.Connect5Async();
        await other.SubscribeAsync(Filter, qos);

        await refuses.SendAsync(Packet.Of(qos == 1 ? 0x40 : 0x50, (byte)(heard.PacketId >> 8), (byte)heard.PacketId, 0x97));
        await refuses.DisconnectAsync();
        await publisher.PublishAsync(_topic, "fence", qos);

        await other.ExpectTextAsync("fence");
    }

    [Theory, InlineData(1), InlineData(3), Spec("MQTT-3.3.4-9")]
    public async Task All_that_is_sent_to_a_client_together_keeps_to_its_receive_maximum(int maximum)
    {
        const int count = 10;
        foreach (var properties in new[] { new Props(), new Props().Int(Prop.SessionExpiry, 60) })
        {
            await using var publisher = await broker.Connect5Async();
            await using var client = await broker.Connect5Async(properties.Short(Prop.ReceiveMaximum, maximum));
            await client.SubscribeAsync(_topic, 1);
            await client.SubscribeAsync(Filter, 2);
            await publisher.PublishCountAsync(_topic, count, qos: 2);

            var open = new Queue<Heard>();
            for (var heard = 0; heard < 2 * count; heard++)
            {
                if (open.Count == maximum)
                {
                    await client.ExpectNothingAsync();
                    await client.AcknowledgeAsync(open.Dequeue());
                }

                open.Enqueue(await client.HearUnansweredAsync());
            }
        }
    }

    [Fact]
    public async Task A_message_whose_time_is_over_is_given_to_nobody()
    {
        var lasting = new Props().Int(Prop.SessionExpiry, 60);
        await using var publisher = await broker.Connect5Async();
        var member = await broker.Connect5Async(lasting);
        await member.SubscribeAsync(Filter, 1);
        await member.DisconnectAsync();
        await publisher.PublishAsync(_topic, "soon over", 1, properties: new Props().Int(Prop.MessageExpiry, 1));
        await publisher.PublishAsync(_topic, "lasts", 1, properties: new Props().Int(Prop.MessageExpiry, 1_000));
        await PassAsync(TimeSpan.FromSeconds(2));

        await using var again = await broker.Connect5Async(lasting, member.ClientId, clean: false);

        var heard = await again.HearAsync();
        Assert.Equal("lasts", heard.Text);
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 800, 999);
    }

    [Fact]
    public async Task Clients_of_both_versions_share()
    {
        await using var publisher = await broker.Connect5Async();
        await using var five = await broker.Connect5Async();
        await using var four = await broker.ConnectAsync();
        await five.SubscribeAsync(Filter, 1);
        await four.SubscribeAsync(Filter, 1);

        await publisher.PublishCountAsync(_topic, 20, qos: 1);

        var heard = await Task.WhenAll(five.HearCountAsync(10), four.HearCountAsync(10));
        Assert.Equal(Enumerable.Range(0, 20), heard.SelectMany(numbers => numbers).Order());
    }

    // The broker's clock is a real one, and there is nothing to be heard that tells its time.
    private static Task PassAsync(TimeSpan time) => Task.Delay(time, TestContext.Current.CancellationToken);

    private async Task ExpectGoodbyeUponAsync(int reason, byte[] packet)
    {
        await using var client = await broker.Connect5Async();
        await client.SendAsync(packet);
        await client.ExpectGoodbyeAsync(reason);
    }
}
