using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Apps;

/// <summary>An application in another process publishes through the grain of a topic; clients hear it.</summary>
[Collection(BrokerPairCollection.Name)]
public sealed class PublishTests(BrokerPair pair)
{
    private readonly string _topic = Unique.Topic();

    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task What_an_application_publishes_comes_to_a_client_with_all_its_properties(QoS qos)
    {
        await using var client = await pair.First.ConnectAsync(
            ConnectOptions.Version5 with { ClientId = Unique.ClientId(), Properties = new Props() });
        await client.SubscribeAsync(_topic, (int)qos);

        var verdict = await pair.Cluster.PublishAsync(Message.Of(_topic, "hot", qos) with
        {
            ContentType = "text/plain", IsText = true, ResponseTopic = "answers", CorrelationData = new byte[] { 1, 2 },
            UserProperties = [new("a", "1"), new("a", "2")], Expiry = 6_000,
        });

        Assert.Equal(ReasonCode.Success, verdict);
        var heard = await client.HearAsync();
        Assert.Equal((_topic, "hot", (int)qos), (heard.Topic, heard.Text, heard.QoS));
        Assert.Equal("text/plain"u8.ToArray(), heard.Properties.Find(Prop.ContentType)!.Value[2..]);
        Assert.Equal(1, heard.Properties.Find(Prop.PayloadFormat)!.Number);
        Assert.Equal("answers"u8.ToArray(), heard.Properties.Find(Prop.ResponseTopic)!.Value[2..]);
        Assert.Equal([1, 2], heard.Properties.Find(Prop.CorrelationData)!.Value[2..]);
        Assert.Equal([("a", "1"), ("a", "2")], heard.Properties.User());
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 5_900, 6_000);
    }

    [Fact]
    public async Task What_was_answered_is_there_for_an_absent_client_when_both_brokers_were_killed()
    {
        var options = new ConnectOptions { ClientId = Unique.ClientId(), CleanSession = false };
        await using (var client = await pair.First.ConnectAsync(options))
        {
            await client.SubscribeAsync(_topic, 2);
            await client.DisconnectAsync();
        }

        for (var i = 0; i < 20; i++)
            Assert.Equal(ReasonCode.Success, await pair.Cluster.PublishAsync(Message.Of(_topic, $"{i}", QoS.ExactlyOnce)));
        await pair.RestartAsync();

        await using var again = await pair.Second.ConnectAsync(options);
        for (var i = 0; i < 20; i++)
            await again.ExpectTextAsync($"{i}", _topic);
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_retained_message_is_read_back_heard_by_later_clients_and_taken_away()
    {
        var topic = pair.Cluster.Topic(_topic);
        Assert.Null(await topic.ReadRetained());

        await topic.Publish(Message.Of(_topic, "kept", QoS.AtLeastOnce) with { Retain = true, ContentType = "x" });

        var kept = await topic.ReadRetained();
        Assert.Equal((_topic, "kept", "x", true), (kept!.Topic, kept.Text, kept.ContentType, kept.Retain));
        Assert.Equal("kept", Assert.Single(await pair.Cluster.ReadRetainedAsync(_topic + "/#")).Text);
        await using var client = await pair.Second.ConnectAsync();
        await client.SubscribeAsync(_topic, 1);
        Assert.True((await client.HearAsync()).Retain);

        await topic.Publish(new Message { Topic = "", Retain = true });
        Assert.Null(await topic.ReadRetained());
    }

    [Fact]
    public async Task Of_a_shared_subscription_one_member_gets_it()
    {
        await using var one = await pair.First.ConnectAsync();
        await using var other = await pair.Second.ConnectAsync();
        await one.SubscribeAsync($"$share/group/{_topic}", 1);
        await other.SubscribeAsync($"$share/group/{_topic}", 1);

        foreach (var text in new[] { "a", "b" })
            await pair.Cluster.PublishAsync(Message.Of(_topic, text, QoS.AtLeastOnce));

        string[] heard = [(await one.HearAsync()).Text, (await other.HearAsync()).Text];
        Assert.Equal(["a", "b"], heard.Order());
    }

    [Fact]
    public async Task What_cannot_be_published_is_refused_with_a_reason()
    {
        Assert.Equal(ReasonCode.NoMatchingSubscribers, await pair.Cluster.PublishAsync(Message.Of(_topic, "x", QoS.AtLeastOnce)));
        Assert.Equal(ReasonCode.TopicNameInvalid, await pair.Cluster.PublishAsync(Message.Of("a/+", "x")));
        Assert.Equal(ReasonCode.NotAuthorized, await pair.Cluster.PublishAsync(Message.Of("$SYS/x", "x")));
        Assert.Equal(ReasonCode.NotAuthorized, await pair.Cluster.PublishAsync(Message.Of("$delayed/1/$SYS/x", "x")));
        Assert.Equal(ReasonCode.TopicNameInvalid, await pair.Cluster.PublishAsync(new Message { Topic = _topic, ResponseTopic = "a/#" }));
        await Assert.ThrowsAsync<ArgumentException>(() => pair.Cluster.Topic(_topic).Publish(Message.Of("elsewhere", "x")));
    }

    [Fact]
    public async Task Messages_that_are_published_one_after_the_other_keep_their_order()
    {
        await using var client = await pair.First.ConnectAsync();
        await client.SubscribeAsync(_topic, 2);

        for (var i = 0; i < 200; i++)
            await pair.Cluster.PublishAsync(Message.Of(_topic, $"{i}", QoS.ExactlyOnce));

        for (var i = 0; i < 200; i++)
            await client.ExpectTextAsync($"{i}");
    }
}
