using System.Diagnostics;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>A will that waits outlives every kill, and one that comes due while the broker is down is published after it, once.</summary>
public sealed class WillDelayTests
{
    private const string Lease = "--Gateway:Lease=00:00:02";
    private static readonly TimeSpan _allowed = TimeSpan.FromSeconds(5);

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(true, 3u, 600u), InlineData(false, 3u, 600u), InlineData(false, 600u, 3u), Spec("MQTT5-3.1.2-8", "MQTT5-3.1.2-10")]
    public async Task A_will_that_is_due_while_the_broker_is_down_is_published_once_after_the_start(
        bool isConnected, uint delay, uint expiry)
    {
        await using var broker = await TestBroker.StartAsync(Lease);
        var witnessId = await SubscribeAndLeaveAsync(broker);
        await using (var client = await ConnectAsync(broker, Unique.ClientId(), delay, expiry))
        {
            if (!isConnected)
                await LeaveAsync(client);
            await broker.KillAsync();
        }

        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        await broker.RestartAsync();
        using var clock = PromiseClock.StartNew();
        await using (var witness = await broker.ConnectAsync(witnessId, clean: false))
        {
            await witness.ExpectTextAsync("will");
            clock.ExpectWithin(_allowed);
            await witness.DisconnectAsync(); // its PUBCOMP is stored then; else PUBREL would rightly come again
        }

        // Once more, and it does not come again.
        await broker.KillAsync();
        await broker.RestartAsync();
        await using var again = await broker.ConnectAsync(witnessId, clean: false);
        await again.PublishAsync($"$delayed/2/{_topic}", "fence", qos: 2);
        await again.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT5-3.1.3-9")]
    public async Task A_client_that_comes_back_in_time_takes_its_will_back_although_the_broker_was_killed()
    {
        await using var broker = await TestBroker.StartAsync(Lease);
        var witnessId = await SubscribeAndLeaveAsync(broker);
        var id = Unique.ClientId();
        const uint delay = 20; // a start may take long
        await using (var client = await ConnectAsync(broker, id, delay, expiry: 600))
            await LeaveAsync(client);
        var clock = Stopwatch.StartNew();
        await broker.KillAsync();
        await broker.RestartAsync();

        await using (var back = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, 600), id, clean: false))
            Assert.True(back.SessionPresent);
        await using var witness = await broker.ConnectAsync(witnessId, clean: false);
        var untilDue = Math.Max(0, (int)(delay - clock.Elapsed.TotalSeconds));
        await witness.PublishAsync($"$delayed/{untilDue + 2}/{_topic}", "fence", qos: 2);
        await witness.ExpectTextAsync("fence");
    }

    private Task<RawClient> ConnectAsync(TestBroker broker, string id, uint delay, uint expiry) => broker.Connect5Async(
        new Props().Int(Prop.SessionExpiry, expiry), id,
        will: new Will(_topic, "will", qos: 2) { Properties = new Props().Int(Prop.WillDelay, delay) });

    // With a reason that leaves the will, so that the broker has heard of the end before it is killed.
    private static async Task LeaveAsync(RawClient client)
    {
        await client.SendAsync(Packet.Goodbye(0x04));
        await client.ExpectClosedAsync();
    }

    private async Task<string> SubscribeAndLeaveAsync(TestBroker broker)
    {
        await using var subscriber = await broker.ConnectAsync(Unique.ClientId(), clean: false);
        await subscriber.SubscribeAsync(_topic, 2);
        await subscriber.DisconnectAsync();
        return subscriber.ClientId;
    }
}
