using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Sessions;

/// <summary>Section 3.1.2.11.2 and 3.14.2.2.2: when a session ends.</summary>
public sealed class SessionExpiryTests(SharedBroker broker)
{
    private const int Refused = 0x97;
    private static readonly TimeSpan _allowed = TimeSpan.FromSeconds(5);

    private readonly string _id = Unique.ClientId();
    private readonly string _topic = Unique.Topic();

    // Nobody but the end of the session sets it free.
    private string Exclusive => $"$exclusive/{_topic}";

    [Theory, InlineData(1u, null), InlineData(600u, 1u), Spec("MQTT-3.1.2-23", "MQTT-4.1.0-2")]
    public async Task A_session_ends_by_itself_when_its_time_is_over(uint atConnect, uint? atDisconnect)
    {
        await using var heir = await broker.Connect5Async();
        await using var client = await broker.Connect5Async(Expiry(atConnect), _id);
        await client.SubscribeAsync(Exclusive, 1);
        using var clock = PromiseClock.StartNew();
        await SayGoodbyeAsync(client, atDisconnect);

        await UntilFreeAsync(heir);

        clock.ExpectBetween(TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1) + _allowed);
        await using var again = await broker.Connect5Async(Expiry(60), _id, clean: false);
        Assert.False(again.SessionPresent);
    }

    [Theory, InlineData(600u, null), InlineData(1u, 600u), InlineData(1u, uint.MaxValue), Spec("MQTT-3.1.2-23")]
    public async Task A_session_lasts_until_then(uint atConnect, uint? atDisconnect)
    {
        await using (var client = await broker.Connect5Async(Expiry(atConnect), _id))
        {
            await client.SubscribeAsync(_topic, 1);
            await SayGoodbyeAsync(client, atDisconnect);
        }

        await broker.OutwaitAsync();

        await using var again = await broker.Connect5Async(Expiry(60), _id, clean: false);
        Assert.True(again.SessionPresent);
        await again.PublishAsync(_topic, "still subscribed", 1);
        await again.ExpectTextAsync("still subscribed");
    }

    [Fact, Spec("MQTT-3.1.2-23")]
    public async Task The_time_begins_anew_with_each_end_of_a_connection()
    {
        await using (var first = await broker.Connect5Async(Expiry(8), _id))
            first.Abort();
        await using (var second = await broker.Connect5Async(Expiry(600), _id, clean: false))
        {
            await broker.OutwaitAsync(keepAlive: 6);
            Assert.True(second.SessionPresent);
            await second.ExpectNothingAsync();
            second.Abort();
        }

        await using var third = await broker.Connect5Async(Expiry(0), _id, clean: false);
        Assert.True(third.SessionPresent);
    }

    [Fact, Spec("MQTT-3.1.2-5", "MQTT-3.1.2-23", "MQTT-4.4.0-1")]
    public async Task A_client_may_go_on_with_a_session_and_let_it_end_with_this_connection()
    {
        await using var bob = await broker.Connect5Async();
        await using (var first = await broker.Connect5Async(Expiry(600), _id))
        {
            await first.SubscribeAsync(_topic, 2);
            await first.DisconnectAsync();
        }

        await bob.PublishAsync(_topic, "meanwhile", 2);
        await using (var last = await broker.Connect5Async(Expiry(0), _id, clean: false))
        {
            Assert.True(last.SessionPresent);
            await last.ExpectTextAsync("meanwhile");
            await bob.PublishAsync(_topic, "live", 1);
            await last.ExpectTextAsync("live");
            await last.DisconnectAsync();
        }

        await using var again = await broker.Connect5Async(Expiry(600), _id, clean: false);
        Assert.False(again.SessionPresent);
        await bob.PublishAsync(_topic, "for nobody", 1);
        await again.ExpectNothingAsync();
    }

    private static Props Expiry(uint seconds) => new Props().Int(Prop.SessionExpiry, seconds);

    private static async Task SayGoodbyeAsync(RawClient client, uint? expiry)
    {
        await client.SendAsync(expiry is { } changed ? Packet.Goodbye(0, Expiry(changed)) : Packet.Disconnect);
        await client.ExpectClosedAsync();
    }

    private Task UntilFreeAsync(RawClient heir) =>
        Eventually.ThatAsync(async () => (await heir.AskAsync((Exclusive, 1)))[0] != Refused);
}
