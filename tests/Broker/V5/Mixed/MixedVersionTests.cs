using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Mixed;

/// <summary>Clients of all versions on one topic, and one session in the hands of several versions.</summary>
public sealed class MixedVersionTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Whoever_publishes_everybody_hears_it_as_his_version_has_it(int qos)
    {
        await using var five = await broker.Connect5Async(new Props().Short(Prop.TopicAliasMaximum, 10));
        await using var four = await broker.ConnectAsync();
        await using var three = await broker.ConnectAsync(ConnectOptions.Version31 with { ClientId = Unique.ClientId() });
        RawClient[] clients = [five, four, three];
        foreach (var client in clients)
            await client.SubscribeAsync(_topic, qos);

        foreach (var publisher in clients)
        {
            var properties = publisher == five ? new Props().User("a", "1").Int(Prop.MessageExpiry, 100) : null;
            await publisher.PublishAsync(_topic, "hello", qos, properties: properties);
            foreach (var client in clients)
            {
                var heard = await client.HearAsync();
                Assert.Equal(("hello", qos), (heard.Text, heard.QoS));
                if (client == five)
                    Assert.Equal(publisher == five, heard.Properties.User().Any());
                else
                    Assert.Equal(_topic, heard.Topic);
            }
        }
    }

    [Fact]
    public async Task A_session_goes_from_version_to_version_with_all_that_waits_in_it()
    {
        var id = Unique.ClientId();
        var lasting = new Props().Int(Prop.SessionExpiry, 600);
        await using (var five = await broker.Connect5Async(lasting, id))
        {
            await five.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 3), (_topic, 2 | 0x08));
            await five.DisconnectAsync();
        }

        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync(_topic, "one", 2, retain: true, new Props().User("a", "1"));
        await using (var four = await broker.ConnectAsync(id, clean: false))
        {
            Assert.True(four.SessionPresent);
            await four.ExpectTextAsync("one");
            await four.DisconnectAsync();
        }

        await bob.PublishAsync(_topic, "two", 1, properties: new Props().User("b", "2"));
        await using var again = await broker.Connect5Async(lasting, id, clean: false);
        Assert.True(again.SessionPresent);
        var heard = await again.HearAsync();
        Assert.Equal("two", heard.Text);
        Assert.Equal([("b", "2")], heard.Properties.User());
        Assert.Equal([3], heard.Properties.Numbers(Prop.SubscriptionId));
        await bob.PublishAsync(_topic, "", 1, retain: true);
    }

    [Fact]
    public async Task A_takeover_crosses_versions()
    {
        var id = Unique.ClientId();
        await using var five = await broker.Connect5Async(clientId: id);
        await using var four = await broker.ConnectAsync(id);
        await five.ExpectGoodbyeAsync(0x8E);

        await using var fiveAgain = await broker.Connect5Async(clientId: id);
        await four.ExpectClosedAsync();
        await fiveAgain.ExpectNothingAsync();
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task An_older_client_is_not_told_reasons(int qos)
    {
        await using var four = await broker.ConnectAsync();
        await four.SendAsync(Packet.Publish(_topic, "nobody", qos, qos == 0 ? 0 : 1));
        if (qos > 0)
            Assert.Equal(2, (await four.AnswerAsync(qos == 1 ? RawType.PubAck : RawType.PubRec, 1)).Body.Length);
        await four.SendAsync(Packet.PubRel(77));
        Assert.Equal(2, (await four.AnswerAsync(RawType.PubComp, 77)).Body.Length);
        await four.UnsubscribeAsync("never/subscribed");
        await four.SendAsync(Packet.Publish("+", ""));
        await four.ExpectClosedAsync();
    }
}
