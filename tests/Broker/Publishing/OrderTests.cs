using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Publishing;

/// <summary>Section 4.6: what comes first leaves first.</summary>
public sealed class OrderTests(SharedBroker broker)
{
    private const int Many = 200;

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-4.6.0-5", "MQTT-4.6.0-6")]
    public async Task Messages_on_a_topic_arrive_in_the_order_in_which_they_were_sent(int qos)
    {
        var topic = Unique.Topic();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, qos);
        await using var bob = await broker.ConnectAsync();

        foreach (var ids in Ids.Chunk(20))
        {
            await bob.SendAsync([.. ids.Select(id => Packet.Publish(topic, $"{id}", qos, id))]);
            if (qos != 2)
                continue;
            foreach (var id in ids)
                await bob.ExpectAsync(Packet.PubRec(id));
            await bob.SendAsync([.. ids.Select(Packet.PubRel)]);
            foreach (var id in ids)
                await bob.ExpectAsync(Packet.PubComp(id));
        }

        foreach (var id in Ids)
            await alice.ExpectTextAsync($"{id}");
    }

    [Fact, Spec("MQTT-4.6.0-6", "MQTT-4.6.0-2")]
    public async Task PUBACKs_come_in_the_order_of_their_messages()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();

        await client.SendAsync([.. Ids.Select(id => Packet.Publish($"{topic}/{id % 7}", "x", qos: 1, id))]);

        foreach (var id in Ids)
            await client.ExpectAsync(Packet.PubAck(id));
    }

    [Fact, Spec("MQTT-4.6.0-6", "MQTT-4.6.0-3")]
    public async Task PUBRECs_come_in_the_order_of_their_messages()
    {
        var topic = Unique.Topic();
        await using var client = await broker.ConnectAsync();

        await client.SendAsync([.. Ids.Select(id => Packet.Publish($"{topic}/{id % 7}", "x", qos: 2, id))]);

        foreach (var id in Ids)
            await client.ExpectAsync(Packet.PubRec(id));
    }

    [Fact, Spec("MQTT-4.6.0-6", "MQTT-4.6.0-4")]
    public async Task PUBRELs_come_in_the_order_of_the_PUBRECs()
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(topic, 2);
        var ids = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            await bob.PublishAsync(topic, $"{i}", qos: 2);
            ids.Add((await alice.HearUnansweredAsync()).PacketId);
        }

        await alice.SendAsync([.. ids.Select(Packet.PubRec)]);

        foreach (var id in ids)
            await alice.ExpectAsync(Packet.PubRel(id));
    }

    private static IEnumerable<int> Ids => Enumerable.Range(1, Many);
}
