using System.Diagnostics;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Scenarios;

/// <summary>Redis hangs for longer than a lease and than its own time-out, and comes back.</summary>
public sealed class StoreTroubleTests(SharedCluster shared) : ClusterTests(shared)
{
    private static readonly TimeSpan _hang = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly string _topic = Unique.Topic();

    [Fact, Spec("MQTT-4.3.2-2")]
    public async Task While_Redis_hangs_QoS_0_goes_on_nothing_is_acknowledged_and_then_all_is_as_before()
    {
        await using var listener = await Far.ConnectAsync();
        await listener.SubscribeAsync(_topic + "/live", 0);
        await using var talker = await Near.ConnectAsync();
        string id;
        await using (var subscriber = await Far.ConnectAsync(clean: false))
        {
            await subscriber.SubscribeAsync(_topic + "/stored", 1);
            id = subscriber.ClientId;
            await subscriber.DisconnectAsync();
        }

        await using var publisher = await Near.ConnectAsync(clean: false);
        await publisher.PublishAsync(_topic + "/stored", "before", qos: 1);
        var answer = await HangAsync(async () =>
        {
            await publisher.SendAsync(Packet.Publish(_topic + "/stored", "meanwhile", 1, 77));
            return await TalkAsync(talker, listener, publisher.ReceiveAsync());
        });

        Assert.Equal((RawType.PubAck, 77), (answer.Type, answer.PacketId));
        await publisher.PublishAsync(_topic + "/stored", "after", qos: 1);
        await using var again = await Far.ConnectAsync(id, clean: false);
        foreach (var text in new[] { "before", "meanwhile", "after" })
            await again.ExpectTextAsync(text);
        await again.ExpectNothingAsync();
        await listener.ExpectNothingAsync(); // and nobody has been disconnected
        await talker.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_silo_is_not_ready_while_Redis_hangs()
    {
        await HangAsync(async () =>
        {
            await Eventually.ThatAsync(async () => !await Cluster.Silos[0].IsReadyAsync());
            return true;
        });
        await Eventually.ThatAsync(Cluster.Silos[0].IsReadyAsync);
    }

    private async Task<T> HangAsync<T>(Func<Task<T>> meanwhile)
    {
        Cluster.Redis.Pause();
        try
        {
            return await meanwhile();
        }
        finally
        {
            Cluster.Redis.Resume();
        }
    }

    /// <summary>Live messages go their way until the time is over; then Redis goes on, and the answer may come.</summary>
    private async Task<RawPacket> TalkAsync(RawClient talker, RawClient listener, Task<RawPacket> answer)
    {
        var began = Stopwatch.GetTimestamp();
        using var ticks = new PeriodicTimer(_tick);
        for (var number = 0; Stopwatch.GetElapsedTime(began) < _hang; number++)
        {
            await talker.PublishAsync(_topic + "/live", $"{number}");
            await listener.ExpectTextAsync($"{number}");
            Assert.False(answer.IsCompleted, "an acknowledgement that nobody could have stored");
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Cluster.Redis.Resume();
        return await answer;
    }
}
