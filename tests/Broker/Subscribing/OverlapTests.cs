using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Subscribing;

/// <summary>
/// Section 3.3.5: several filters of one client match. The standard leaves a choice; ours is one copy.
/// </summary>
public sealed class OverlapTests(SharedBroker broker)
{
    [Theory, InlineData(0, 2), InlineData(2, 0), InlineData(1, 2), InlineData(2, 1), InlineData(1, 0), InlineData(0, 0)]
    [Spec("MQTT-3.3.5-1")]
    public async Task Filters_that_overlap_give_one_copy_at_the_highest_QoS(int wide, int narrow)
    {
        if (wide != narrow)
            TestBroker.MosquittoDiffers("2.0.11 gives one copy at the QoS of the filter that it finds first");
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.AskAsync((topic + "/#", wide), (topic + "/a", narrow), (topic + "/+", Math.Min(wide, narrow)));
        await using var bob = await broker.ConnectAsync();

        await bob.PublishAsync(topic + "/a", "one copy", qos: 2);
        await bob.PublishAsync(topic + "/a", "fence", qos: 2);

        foreach (var text in new[] { "one copy", "fence" })
        {
            var heard = await alice.HearAsync();
            Assert.Equal((text, Math.Max(wide, narrow)), (heard.Text, heard.QoS));
        }
    }

    [Fact, Spec("MQTT-3.3.5-1")]
    public async Task Of_filters_that_overlap_each_can_go_without_the_other()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();
        await client.AskAsync((topic + "/#", 0), (topic + "/a", 1));
        await client.UnsubscribeAsync(topic + "/a");

        await client.PublishAsync(topic + "/a", "by the wide one", qos: 1);

        var heard = await client.HearAsync();
        Assert.Equal(("by the wide one", 0), (heard.Text, heard.QoS));
    }

    [Fact, Spec("MQTT-3.3.5-1", "MQTT-3.1.2-5")]
    public async Task Filters_that_overlap_queue_one_copy_at_the_highest_QoS()
    {
        TestBroker.MosquittoDiffers("2.0.11 gives one copy at the QoS of the filter that it finds first");
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using (var alice = await broker.ConnectAsync(id, clean: false))
        {
            await alice.AskAsync((topic + "/#", 1), (topic + "/a", 2));
            await alice.DisconnectAsync();
        }

        await using var bob = await broker.ConnectAsync();
        await bob.PublishAsync(topic + "/a", "one copy", qos: 2);
        await bob.PublishAsync(topic + "/a", "fence", qos: 2);

        await using var again = await broker.ConnectAsync(id, clean: false);
        foreach (var text in new[] { "one copy", "fence" })
        {
            var heard = await again.HearAsync();
            Assert.Equal((text, 2), (heard.Text, heard.QoS));
        }
    }
}
