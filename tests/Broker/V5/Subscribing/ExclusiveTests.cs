using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Subscribing;

/// <summary>$exclusive/filter, with what MQTT 5 adds to a subscription and to its answer.</summary>
public sealed class ExclusiveTests(SharedBroker broker)
{
    private const int QuotaExceeded = 0x97, TopicFilterInvalid = 0x8F, NoSubscriptionExisted = 0x11;

    private readonly string _topic = Unique.Topic();

    private string Filter => $"$exclusive/{_topic}";

    [Theory, InlineData(0u), InlineData(60u)]
    public async Task Who_does_not_get_it_hears_why(uint expiry)
    {
        var properties = new Props().Int(Prop.SessionExpiry, expiry);
        await using var alice = await broker.Connect5Async(properties);
        await using var bob = await broker.Connect5Async(properties);
        await alice.SubscribeAsync(Filter, 1);

        int[] answers = [QuotaExceeded, 1, TopicFilterInvalid];
        Assert.Equal(answers, await bob.AskAsync((Filter, 2), (_topic, 1), ("$exclusive/", 0)));
        await bob.UnsubscribeAsync(_topic);
        await bob.SendAsync(Packet.Unsubscribe(99, new Props(), Filter));
        int[] none = [NoSubscriptionExisted];
        Assert.Equal(none, (await bob.AnswerAsync(RawType.UnsubAck, 99)).Reasons);
        await alice.UnsubscribeAsync(Filter);
        await bob.SubscribeAsync(Filter, 2);
    }

    [Theory, InlineData(0u), InlineData(60u)]
    public async Task Its_identifier_comes_with_what_it_brings_and_beside_that_of_the_plain_filter(uint expiry)
    {
        await using var alice = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, expiry));
        await SubscribeAsync(alice, Filter, 7);
        await SubscribeAsync(alice, _topic, 8);
        await alice.PublishAsync(_topic, "both", 1);
        Assert.Equal([7u, 8u], (await IdentifiersAsync(alice)).Order());

        await alice.UnsubscribeAsync(_topic);
        await alice.PublishAsync(_topic, "one", 1);
        Assert.Equal([7u], await IdentifiersAsync(alice));
    }

    private static async Task SubscribeAsync(RawClient client, string filter, int identifier)
    {
        var packetId = client.NextPacketId();
        await client.SendAsync(Packet.Subscribe(packetId, new Props().VarInt(Prop.SubscriptionId, identifier), (filter, 1)));
        Assert.Equal(1, (await client.AnswerAsync(RawType.SubAck, packetId)).Reasons[0]);
    }

    private static async Task<List<uint>> IdentifiersAsync(RawClient client) =>
        [.. (await client.HearAsync()).Properties.Where(property => property.Id == Prop.SubscriptionId).Select(property => (uint)property.Number)];
}
