using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Subscribing;

/// <summary>Sections 3.8 and 3.9: SUBSCRIBE, its options and its answer.</summary>
public sealed class SubscribeTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Fact, Spec("MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-2.2.1-6", "MQTT-3.8.4-5", "MQTT-3.8.4-6", "MQTT-3.8.4-7",
        "MQTT-3.9.3-1", "MQTT-3.9.3-2")]
    public async Task One_answer_has_one_verdict_for_each_filter_in_order()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SendAsync(Packet.Subscribe(777, new Props().User("a", "1"),
            ($"{_topic}/0", 0), ($"{_topic}/2", 2), ($"{_topic}/1", 1), ($"{_topic}/other/#", 2)));

        var answer = await alice.AnswerAsync(RawType.SubAck, 777);

        Assert.Equal([0, 2, 1, 2], answer.Reasons);
        Assert.Empty(answer.Properties);
        foreach (var qos in new[] { 0, 1, 2 })
        {
            await alice.PublishAsync($"{_topic}/{qos}", "hello", 2);
            Assert.Equal(qos, (await alice.HearAsync()).QoS);
        }
    }

    [Fact, Spec("MQTT-3.8.1-1", "MQTT-2.1.3-1")]
    public async Task SUBSCRIBE_has_flags_of_its_own()
    {
        foreach (var header in new[] { 0x80, 0x81, 0x83, 0x8A })
            await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(header, 0, 1, 0, 0, 1, (byte)'t', 0));
    }

    [Fact, Spec("MQTT-3.8.3-1", "MQTT-4.7.3-2", "MQTT-4.7.3-3")]
    public async Task A_filter_must_be_UTF8()
    {
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0x82, 0, 1, 0, 0, 1, 0xFF, 0));
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0x82, 0, 1, 0, 0, 2, (byte)'a', 0, 0));
    }

    [Fact, Spec("MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1")]
    public async Task A_filter_with_a_wildcard_in_a_wrong_place_is_not_valid()
    {
        foreach (var filter in new[] { "a#", "#/a", "a/#/b", "a+", "+a", "a/+b", "" })
        {
            await broker.ExpectGoodbyeUponAsync(0x8F, Packet.Subscribe(1, new Props(), (filter, 0)));
            await broker.ExpectGoodbyeUponAsync(0x8F, Packet.Unsubscribe(1, new Props(), filter));
        }
    }

    [Fact, Spec("MQTT-3.8.3-2")]
    public Task SUBSCRIBE_names_at_least_one_filter() =>
        broker.ExpectGoodbyeUponAsync(0x82, Packet.Subscribe(1, new Props()));

    [Fact, Spec("MQTT-3.8.3-5")]
    public async Task Bits_of_the_options_that_are_reserved_are_zero()
    {
        foreach (var options in new[] { 0x40, 0x80, 0xC1 })
            await broker.ExpectGoodbyeUponAsync(0x81, Packet.Subscribe(1, new Props(), (_topic, options)));
    }

    [Fact]
    public async Task Options_have_no_QoS_3_and_no_retain_handling_3()
    {
        await broker.ExpectGoodbyeUponAsync(0x81, Packet.Subscribe(1, new Props(), (_topic, 3)));
        await broker.ExpectGoodbyeUponAsync(0x82, Packet.Subscribe(1, new Props(), (_topic, 0x30)));
    }

    [Fact, Spec("MQTT-3.8.3-4")]
    public Task No_Local_does_not_go_with_a_shared_subscription() =>
        broker.ExpectGoodbyeUponAsync(0x82, Packet.Subscribe(1, new Props(), ($"$share/g/{_topic}", 0x04)));

    [Fact, Spec("MQTT-4.8.2-1", "MQTT-4.8.2-2")]
    public async Task A_shared_filter_has_a_group_and_a_filter()
    {
        foreach (var filter in new[] { "$share", "$share/", "$share//t", "$share/g", "$share/g/", "$share/g+/t", "$share/#/t" })
        {
            await using var client = await broker.Connect5Async();
            await client.SendAsync(Packet.Subscribe(1, new Props(), (filter, 0)));
            var last = await client.ReceiveAsync();
            Assert.True(last is { Type: RawType.Disconnect, Reason: 0x82 or 0x8F }, $"{filter}: {last} came");
        }
    }

    [Fact, Spec("MQTT-3.8.4-3")]
    public async Task Subscribing_again_to_the_same_filter_replaces_the_subscription()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 1), (_topic, 2));
        await alice.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 2), (_topic, 1));

        await alice.PublishAsync(_topic, "once", 2);

        var heard = await alice.HearAsync();
        Assert.Equal(1, heard.QoS);
        Assert.Equal([2], heard.Properties.Numbers(Prop.SubscriptionId));
        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.8.4-4")]
    public async Task What_is_on_its_way_is_not_lost_when_a_subscription_is_replaced()
    {
        await using var alice = await broker.Connect5Async(new Props().Short(Prop.ReceiveMaximum, 1));
        await alice.SubscribeAsync(_topic, 1);
        await using var bob = await broker.Connect5Async();
        for (var i = 0; i < 3; i++)
            await bob.PublishAsync(_topic, $"{i}", 1);

        await alice.SubscribeAsync(_topic, 0);

        for (var i = 0; i < 3; i++)
            await alice.ExpectTextAsync($"{i}");
    }

    [Fact, Spec("MQTT-3.3.4-2")]
    public async Task Filters_that_overlap_bring_one_copy_at_the_highest_QoS()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(new Props(), ($"{_topic}/#", 0), ($"{_topic}/+", 2), ($"{_topic}/a", 1));

        await alice.PublishAsync($"{_topic}/a", "once", 2);

        Assert.Equal(2, (await alice.HearAsync()).QoS);
        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-4.7.2-1", "MQTT-4.7.3-4", "MQTT-4.7.1-1", "MQTT-4.7.1-2")]
    public async Task Filters_match_what_they_should()
    {
        var token = Unique.Token();
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(new Props(), ("#", 0), ($"+/{token}", 0));
        await using var bob = await broker.Connect5Async();
        await bob.SubscribeAsync(new Props(), ($"{token}/+", 0), ($"{token}/\u00C5/#", 0));

        await alice.PublishAsync($"$other/{token}", "not for wildcards at the start");
        await alice.PublishAsync($"{token}/A\u030A/x", "another way to write it"); // looks like the filter and is not
        await alice.PublishAsync($"{token}/", "an empty level");
        await alice.PublishAsync($"{token}/\u00C5", "the parent");

        await bob.ExpectTextAsync("an empty level");
        await bob.ExpectTextAsync("the parent");
        var texts = new HashSet<string>();
        while (!texts.Contains("the parent"))
            texts.Add((await alice.HearAsync()).Text);
        Assert.DoesNotContain("not for wildcards at the start", texts);
    }
}
