using Microsoft.Extensions.DependencyInjection;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Apps;

/// <summary>An application in another process hears what clients publish.</summary>
[Collection(BrokerPairCollection.Name)]
public sealed class WatchTests(BrokerPair pair)
{
    private readonly string _topic = Unique.Topic();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watch_hears_the_clients_of_every_broker_from_the_moment_it_is_there()
    {
        await using var watch = await pair.Cluster.WatchAsync(_topic + "/+/temp", Stop);
        await using var heard = watch.GetAsyncEnumerator(Stop);
        foreach (var broker in new[] { pair.First, pair.Second })
        {
            await using var client = await broker.ConnectAsync(
                ConnectOptions.Version5 with { ClientId = Unique.ClientId(), Properties = new Props() });
            await client.PublishAsync($"{_topic}/not/this", "no", qos: 1);
            await client.PublishAsync(
                $"{_topic}/1/temp", "20", qos: 1, properties: new Props().Text(Prop.ContentType, "celsius").Text(Prop.ResponseTopic, "answers"));

            var message = await NextAsync(heard);
            Assert.Equal(($"{_topic}/1/temp", "20", QoS.AtLeastOnce), (message.Topic, message.Text, message.QoS));
            Assert.Equal(("celsius", "answers"), (message.ContentType, message.ResponseTopic));
        }

        Assert.Equal(0, watch.Missed);
    }

    [Fact]
    public async Task What_an_application_publishes_itself_is_heard_once_by_each_of_its_watches()
    {
        await using var one = await pair.Cluster.WatchAsync(_topic, Stop);
        await using var other = await pair.Cluster.WatchAsync(_topic, Stop);

        Assert.Equal(ReasonCode.Success, await pair.Cluster.PublishAsync(Message.Of(_topic, "a", QoS.ExactlyOnce)));
        await pair.Cluster.PublishAsync(Message.Of(_topic, "fence", QoS.ExactlyOnce));

        foreach (var watch in new[] { one, other })
        {
            await using var heard = watch.GetAsyncEnumerator(Stop);
            Assert.Equal("a", (await NextAsync(heard)).Text);
            Assert.Equal("fence", (await NextAsync(heard)).Text);
        }
    }

    [Fact]
    public async Task A_slow_reader_is_told_how_much_it_missed_and_holds_nobody_up()
    {
        using var application = await pair.StartApplicationAsync("--Watch:MaximumWaitingMessages=5");
        var cluster = application.Services.GetRequiredService<MqttCluster>();
        var watch = await cluster.WatchAsync(_topic, Stop);
        await using var fence = await cluster.WatchAsync(_topic + "/fence", Stop);
        await using var client = await pair.First.ConnectAsync();

        for (var i = 0; i < 12; i++)
            await client.PublishAsync(_topic, $"{i}", qos: 1);
        await client.PublishAsync(_topic + "/fence", "", qos: 1);
        await using var passed = fence.GetAsyncEnumerator(Stop);
        await NextAsync(passed);

        Assert.Equal(7, watch.Missed);
        await watch.DisposeAsync();
        var texts = new List<string>();
        await foreach (var message in watch)
            texts.Add(message.Text);
        Assert.Equal(["0", "1", "2", "3", "4"], texts);
        await application.StopAsync(Stop);
    }

    [Fact]
    public async Task A_watch_goes_on_when_the_silos_are_killed_one_after_the_other()
    {
        await using var watch = await pair.Cluster.WatchAsync(_topic, Stop);
        await using var heard = watch.GetAsyncEnumerator(Stop);
        foreach (var (killed, other) in new[] { (pair.First, pair.Second), (pair.Second, pair.First) })
        {
            await BrokerPair.WithoutAsync(killed, async () =>
            {
                await using var client = await other.ConnectAsync();
                await client.PublishAsync(_topic, "while it is away", qos: 1);
                Assert.Equal("while it is away", (await NextAsync(heard)).Text);
            });
            await using (var client = await killed.ConnectAsync())
                await client.PublishAsync(_topic, "through the new one", qos: 1);
            Assert.Equal("through the new one", (await NextAsync(heard)).Text);
        }

        Assert.Equal((0, 0), (watch.Missed, watch.Interruptions));
    }

    [Theory]
    [InlineData("a/#/b")]
    [InlineData("$share/group/a")]
    [InlineData("$exclusive/a")]
    public async Task What_cannot_be_watched_is_refused(string filter) =>
        await Assert.ThrowsAsync<ArgumentException>(() => pair.Cluster.WatchAsync(filter, Stop));

    [Fact]
    public async Task When_nobody_watches_any_more_the_route_goes()
    {
        var watch = await pair.Cluster.WatchAsync(_topic, Stop);
        await watch.DisposeAsync();

        // The publisher is told whether anybody was to have it.
        await Eventually.ThatAsync(async () => await pair.Cluster.PublishAsync(
            Message.Of(_topic, "x", QoS.AtLeastOnce)) is ReasonCode.NoMatchingSubscribers);
    }

    private static async Task<Message> NextAsync(IAsyncEnumerator<Message> heard)
    {
        Assert.True(await heard.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2)));
        return heard.Current;
    }
}
