using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>One folder, many processes: however one ends, the next finds sessions, queues and retained messages.</summary>
public sealed class RestartTests
{
    private const int Starts = 6;

    [Fact, Spec("MQTT-4.1.0-1", "MQTT-3.2.2-2")]
    public async Task Sessions_and_their_queues_outlive_every_kind_of_end()
    {
        await using var broker = await TestBroker.StartAsync();
        var topic = Unique.Topic();
        var id = await SubscribeAndLeaveAsync(broker, topic + "/#", 2);

        for (var start = 0; start < Starts; start++)
        {
            await using (var publisher = await broker.ConnectAsync())
            {
                await publisher.PublishAsync(topic + "/a", $"first {start}", qos: 1);
                await publisher.PublishAsync(topic + "/a", $"second {start}", qos: 2);
            }

            _ = start % 2 == 0 ? await broker.KillAsync() : await broker.TerminateAsync();
            await broker.RestartAsync();
            if (start % 3 != 2)
                continue; // so that some messages live through several processes

            await using var subscriber = await broker.ConnectAsync(id, clean: false);
            Assert.True(subscriber.SessionPresent);
            for (var earlier = start - 2; earlier <= start; earlier++)
            {
                await subscriber.ExpectTextAsync($"first {earlier}");
                await subscriber.ExpectTextAsync($"second {earlier}");
            }

            await subscriber.DisconnectAsync();
        }
    }

    [Fact]
    public async Task What_the_embedded_store_has_to_say_is_in_the_log_of_the_broker()
    {
        await using var broker = await TestBroker.StartAsync();
        await broker.KillAsync();
        await File.AppendAllBytesAsync(
            Directory.GetFiles(broker.Folder, "*.log").Order().Last(), [1, 2, 3], TestContext.Current.CancellationToken);

        await broker.RestartAsync();

        await broker.SaysAsync("bytes of the log were a write that the end of the process had cut off");
    }

    [Fact]
    public async Task A_broker_that_is_told_to_stop_ends_also_when_its_store_hangs()
    {
        Assert.SkipUnless(RedisProcess.IsInstalled, "there is no redis-server on this machine");
        await using var redis = new RedisProcess();
        await redis.StartAsync();
        await using var broker = await TestBroker.StartAsync("--redis", redis.Address, "--Store:Timeout", "00:00:05");
        redis.Pause();
        try
        {
            await broker.TerminateAsync().WaitAsync(TimeSpan.FromSeconds(100), TestContext.Current.CancellationToken);
        }
        finally
        {
            redis.Resume();
        }
    }

    [Fact, Spec("MQTT-4.1.0-1")]
    public async Task A_start_that_is_killed_again_and_again_harms_nothing()
    {
        const int Messages = 200;
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var broker = await TestBroker.StartAsync();
        var topic = Unique.Topic();
        var id = await SubscribeAndLeaveAsync(broker, topic, 2);
        await using (var publisher = await broker.ConnectAsync())
        {
            for (var number = 0; number < Messages; number++)
                await publisher.PublishAsync(topic, $"{number}", qos: 1 + (number % 2));
        }

        for (var start = 0; start < Starts; start++)
        {
            await broker.KillAsync();
            broker.StartUnready();
            await Task.Delay(random.Next(3_000), TestContext.Current.CancellationToken);
        }

        await broker.KillAsync();
        await broker.RestartAsync();
        await using var subscriber = await broker.ConnectAsync(id, clean: false);
        Assert.True(subscriber.SessionPresent);
        for (var number = 0; number < Messages; number++)
            await subscriber.ExpectTextAsync($"{number}");
        await subscriber.ExpectNothingAsync();
    }

    private static async Task<string> SubscribeAndLeaveAsync(TestBroker broker, string filter, int qos)
    {
        await using var subscriber = await broker.ConnectAsync(Unique.ClientId(), clean: false);
        await subscriber.SubscribeAsync(filter, qos);
        await subscriber.DisconnectAsync();
        return subscriber.ClientId;
    }
}
