using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.KeepAlive;

/// <summary>
/// Section 3.1.2.10: the one place where time itself is tested; the clients are watched side by side.
/// </summary>
public sealed class KeepAliveTests(SharedBroker broker)
{
    /// <summary>
    /// No client may be cut off early. Late may be a tick of the timer; Mosquitto looks every five seconds.
    /// </summary>
    private static readonly double _late = TestBroker.PeerIsMosquitto ? 6.5 : 2.5;

    private static readonly ConnectOptions OneSecond = new() { KeepAlive = 1 };

    [Fact, Spec("MQTT-3.1.2-24")]
    public async Task Silence_of_one_and_a_half_times_the_keep_alive_ends_the_connection_and_publishes_the_will()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic);
        using var watch = PromiseClock.StartNew(); // before its last packet: what is measured is never less than the silence was
        await using var client = await broker.ConnectAsync(
            OneSecond with { ClientId = Unique.ClientId(), Will = new Will(topic, "silent") });

        await client.ExpectClosedAsync();

        watch.ExpectBetween(1.4, 1.5 + _late);
        await witness.ExpectTextAsync("silent");
    }

    [Fact, Spec("MQTT-3.1.2-24")]
    public async Task What_the_broker_sends_does_not_count()
    {
        var topic = Unique.Topic();
        await using var bob = await broker.ConnectAsync();
        using var watch = PromiseClock.StartNew();
        await using var silent = await broker.ConnectAsync(new ConnectOptions { KeepAlive = 4 }); // long enough to subscribe
        await silent.SubscribeAsync(topic);
        var ended = silent.DrainAsync();

        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!ended.IsCompleted && watch.Elapsed < RawClient.Patience)
        {
            await bob.PublishAsync(topic, "are you there?");
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        watch.ExpectBetween(5.9, 6 + _late);
        Assert.All(await ended, packet => Assert.Equal(RawType.Publish, packet.Type));
    }

    [Fact, Spec("MQTT-3.1.2-24")]
    public Task Pings_keep_a_connection_alive() => ExpectAliveAsync(client => client.ExpectNothingAsync());

    [Fact, Spec("MQTT-3.1.2-24")]
    public Task Messages_keep_a_connection_alive() =>
        ExpectAliveAsync(client => client.PublishAsync(Unique.Topic(), "I live", qos: 1));

    /// <summary>
    /// A packet that has begun is no packet yet; a client that dribbles must not hold a place for ever.
    /// </summary>
    [Fact, Spec("MQTT-3.1.2-24")]
    public async Task Half_a_packet_does_not_count()
    {
        TestBroker.MosquittoDiffers("2.0.11 counts bytes");
        using var watch = PromiseClock.StartNew();
        await using var client = await broker.ConnectAsync(OneSecond with { ClientId = Unique.ClientId() });
        var ended = client.ExpectClosedAsync();

        await client.SendAsync([0x30, 0x7F]);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (!ended.IsCompleted && watch.Elapsed < RawClient.Patience)
        {
            await client.SendAsync([0]);
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        watch.ExpectBetween(1.4, 1.5 + _late);
        await ended;
    }

    [Fact, Spec("MQTT-3.1.2-24")]
    public async Task Zero_switches_it_off()
    {
        await using var client = await broker.ConnectAsync(new ConnectOptions { KeepAlive = 0 });

        // The broker's clock is a real one: longer than the shortest keep alive would allow.
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);

        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.12.4-1")]
    public async Task PINGREQ_is_answered()
    {
        await using var client = await broker.ConnectAsync();

        await client.SendAsync(Packet.PingReq, Packet.PingReq);

        await client.ExpectAsync(Packet.PingResp);
        await client.ExpectAsync(Packet.PingResp);
    }

    /// <summary>Says something each 2 s, for twice as long as silence would be borne, which is 6 s.</summary>
    private async Task ExpectAliveAsync(Func<RawClient, Task> say)
    {
        await using var client = await broker.ConnectAsync(new ConnectOptions { KeepAlive = 4 });
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(2));

        for (var i = 0; i < 6; i++)
        {
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            await say(client);
        }

        await client.ExpectNothingAsync();
    }
}
