using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Retained;

/// <summary>Section 3.3.1.3: who gets the retained messages, and when.</summary>
public sealed class RetainedDeliveryTests(SharedBroker broker)
{
    [Fact, Spec("MQTT-3.3.1-6", "MQTT-3.3.1-8")]
    public async Task A_wildcard_gets_those_of_all_topics_that_it_matches()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        string[] matched = ["", "/a", "/b", "/b/c", "//d"];
        foreach (var each in matched)
            await client.PublishAsync(topic + each, topic + each, qos: 1, retain: true);
        await client.PublishAsync(topic + "x", "not this", qos: 1, retain: true);

        await client.SubscribeAsync(topic + "/#", 1);

        var heard = new List<Heard>();
        while (heard.Count < matched.Length)
            heard.Add(await client.HearAsync());
        Assert.Equal(
            matched.Select(each => topic + each).Order(StringComparer.Ordinal),
            heard.Select(each => each.Text).Order(StringComparer.Ordinal));
        Assert.All(heard, each => Assert.True(each.Retain));
        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.3.1-6", "MQTT-3.8.4-4")]
    public async Task Each_of_many_filters_gets_its_own()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic + "/a", "a", qos: 1, retain: true);
        await client.PublishAsync(topic + "/b", "b", qos: 1, retain: true);

        await client.AskAsync((topic + "/a", 0), (topic + "/b", 1));

        var heard = new[] { await client.HearAsync(), await client.HearAsync() }.OrderBy(each => each.Text);
        Assert.Equal([("a", 0), ("b", 1)], heard.Select(each => (each.Text, each.QoS)));
    }

    [Fact, Spec("MQTT-3.8.4-3", "MQTT-3.3.1-8")]
    public async Task Subscribing_again_sends_it_again()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic, "kept", qos: 1, retain: true);

        for (var i = 0; i < 3; i++)
        {
            await client.SubscribeAsync(topic + "/#", 1);
            var heard = await client.HearAsync();
            Assert.Equal(("kept", true), (heard.Text, heard.Retain));
        }
    }

    [Fact, Spec("MQTT-3.3.1-6")]
    public async Task Coming_back_to_a_session_is_no_new_subscription()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using (var first = await broker.ConnectAsync(id, clean: false))
        {
            await first.PublishAsync(topic, "kept", qos: 1, retain: true);
            await first.SubscribeAsync(topic, 1);
            await first.ExpectTextAsync("kept");
            await first.DisconnectAsync();
        }

        await using var second = await broker.ConnectAsync(id, clean: false);
        await second.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-7", "MQTT-3.1.2-6")]
    public async Task It_outlives_the_session_of_its_publisher()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using (var bob = await broker.ConnectAsync(id, clean: true))
        {
            await bob.PublishAsync(topic, "kept", qos: 1, retain: true);
            await bob.DisconnectAsync();
        }

        await using var alice = await broker.ConnectAsync(id, clean: true);
        await alice.SubscribeAsync(topic);

        await alice.ExpectTextAsync("kept");
    }

    [Fact, Spec("MQTT-3.3.1-5")]
    public async Task A_large_one_of_any_bytes_comes_back_unchanged()
    {
        var payload = new byte[900_000];
        new Random(7).NextBytes(payload);
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(topic, payload, qos: 1, retain: true);

        await client.SubscribeAsync(topic, 1);

        var heard = await client.HearAsync();
        Assert.True(payload.AsSpan().SequenceEqual(heard.Payload));
        await client.PublishAsync(topic, "", qos: 1, retain: true);
    }

    [Fact, Spec("MQTT-3.3.1-6")]
    public async Task After_it_was_heard_no_older_one_is_heard()
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
                await bob.PublishAsync(topic, $"{i}", qos: 1, retain: true);
        }, TestContext.Current.CancellationToken);

        for (var round = 0; round < 5; round++)
        {
            await using var alice = await broker.ConnectAsync();
            await alice.SubscribeAsync(topic, 1);
            for (var last = -1; last < 20 * round;)
            {
                // The kept one may be heard once more as a live one, but time never runs backwards.
                var now = int.Parse((await alice.HearAsync()).Text, System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(now >= last, $"{now} came after {last}");
                last = now;
            }
        }

        await publishing;
    }
}
