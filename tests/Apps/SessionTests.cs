using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Apps;

/// <summary>An application in another process asks sessions, and speaks to single clients.</summary>
[Collection(BrokerPairCollection.Name)]
public sealed class SessionTests(BrokerPair pair)
{
    private readonly string _topic = Unique.Topic();

    [Theory]
    [InlineData(QoS.AtMostOnce, true)]
    [InlineData(QoS.AtLeastOnce, true)]
    [InlineData(QoS.ExactlyOnce, true)]
    [InlineData(QoS.AtMostOnce, false)]
    [InlineData(QoS.AtLeastOnce, false)]
    [InlineData(QoS.ExactlyOnce, false)]
    public async Task What_is_published_to_a_client_comes_to_it_alone_with_its_QoS(QoS qos, bool isClean)
    {
        await using var client = await pair.First.ConnectAsync(
            new ConnectOptions { ClientId = Unique.ClientId(), CleanSession = isClean });
        await using var bystander = await pair.Second.ConnectAsync();
        await bystander.SubscribeAsync(_topic, 2);

        Assert.Equal(ReasonCode.Success, await pair.Cluster.Session(client.ClientId).Publish(Message.Of(_topic, "you", qos)));

        var heard = await client.HearAsync();
        Assert.Equal((_topic, "you", (int)qos), (heard.Topic, heard.Text, heard.QoS));
        await pair.Cluster.PublishAsync(Message.Of(_topic, "fence"));
        await bystander.ExpectTextAsync("fence");
    }

    [Fact]
    public async Task What_is_published_to_an_absent_client_is_there_when_both_brokers_were_killed()
    {
        var options = new ConnectOptions { ClientId = Unique.ClientId(), CleanSession = false };
        await using (var client = await pair.First.ConnectAsync(options))
            await client.DisconnectAsync();
        var session = pair.Cluster.Session(options.ClientId);

        for (var i = 0; i < 10; i++)
            Assert.Equal(ReasonCode.Success, await session.Publish(Message.Of(_topic, $"{i}", QoS.ExactlyOnce)));
        await pair.RestartAsync();

        await using var again = await pair.Second.ConnectAsync(options);
        for (var i = 0; i < 10; i++)
            await again.ExpectTextAsync($"{i}", _topic);
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_session_says_how_it_is_and_its_client_can_be_disconnected()
    {
        var options = new ConnectOptions { ClientId = Unique.ClientId(), CleanSession = false };
        var session = pair.Cluster.Session(options.ClientId);
        Assert.Null(await session.Info());

        await using var client = await pair.First.ConnectAsync(options);
        await client.SubscribeAsync(_topic, 1);
        Assert.True(await session.Info() is { IsConnected: true, IsPersistent: true, Subscriptions: 1 });

        Assert.True(await session.Disconnect());
        await client.ExpectClosedAsync();
        Assert.False(await session.Disconnect());
        await pair.Cluster.PublishAsync(Message.Of(_topic, "waits", QoS.AtLeastOnce));
        Assert.True(await session.Info() is { IsConnected: false, Queued: 1 });
    }
}
