using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>A delayed message that was acknowledged is published, once, whatever is killed between and when.</summary>
public sealed class DelayedTests
{
    private static readonly TimeSpan _allowed = TimeSpan.FromSeconds(5);

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(1), InlineData(2)]
    public async Task What_is_due_while_the_broker_is_down_is_published_soon_after_the_start(int qos)
    {
        await using var broker = await TestBroker.StartAsync();
        var id = await SubscribeAndLeaveAsync(broker);
        await using (var publisher = await broker.ConnectAsync())
        {
            await publisher.PublishAsync($"$delayed/2/{_topic}", "first", qos);
            await publisher.PublishAsync($"$delayed/2/{_topic}", "second", qos);
        }

        await broker.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await broker.RestartAsync();

        using var clock = PromiseClock.StartNew();
        await using var witness = await broker.ConnectAsync(id, clean: false);
        await witness.ExpectTextAsync("first");
        await witness.ExpectTextAsync("second");
        clock.ExpectWithin(_allowed);
        await witness.PublishAsync($"$delayed/1/{_topic}", "fence", qos: 1);
        await witness.ExpectTextAsync("fence");
    }

    [Fact]
    public async Task Kills_at_any_moment_lose_none_and_repeat_none_of_QoS_2()
    {
        const int Messages = 120;
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var broker = await TestBroker.StartAsync();
        var id = await SubscribeAndLeaveAsync(broker);
        await using (var publisher = await broker.ConnectAsync())
        {
            for (var number = 0; number < Messages; number++)
                await publisher.PublishAsync($"$delayed/{1 + (number % 6)}/{_topic}", $"{number}", qos: 2);
        }

        for (var kill = 0; kill < 4; kill++)
        {
            await Task.Delay(random.Next(1_500), TestContext.Current.CancellationToken);
            await broker.KillAsync();
            await broker.RestartAsync();
        }

        await using var witness = await broker.ConnectAsync(id, clean: false);
        var heard = new List<string>();
        for (var number = 0; number < Messages; number++)
            heard.Add((await witness.HearAsync()).Text);
        Assert.Equal(Enumerable.Range(0, Messages), heard.Select(int.Parse).Order());
        for (var delay = 0; delay < 6; delay++)
            Assert.Equal(heard.Where(text => int.Parse(text) % 6 == delay).OrderBy(int.Parse), heard.Where(text => int.Parse(text) % 6 == delay));
        await witness.ExpectNothingAsync();
    }

    private async Task<string> SubscribeAndLeaveAsync(TestBroker broker)
    {
        await using var subscriber = await broker.ConnectAsync(Unique.ClientId(), clean: false);
        await subscriber.SubscribeAsync(_topic, 2);
        await subscriber.DisconnectAsync();
        return subscriber.ClientId;
    }
}
