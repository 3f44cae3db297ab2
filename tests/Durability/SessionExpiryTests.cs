using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>A session's time runs while the broker is down, and what is due then is done within 5 seconds of the start.</summary>
public sealed class SessionExpiryTests
{
    private const int Refused = 0x80;
    private static readonly TimeSpan _expiry = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan _allowed = TimeSpan.FromSeconds(5);

    private readonly string _filter = $"$exclusive/{Unique.Topic()}";

    [Theory, InlineData(false), InlineData(true), Spec("MQTT5-3.1.2-23")]
    public async Task A_session_that_expires_while_the_broker_is_down_has_ended_soon_after_the_start(bool isConnected)
    {
        await using var broker = await TestBroker.StartAsync($"--Sessions:ExpiryBefore5={_expiry}", "--Gateway:Lease=00:00:02");
        await using var alice = await broker.ConnectAsync(Unique.ClientId(), clean: false);
        await alice.SubscribeAsync(_filter, 1);
        if (!isConnected)
            await alice.DisconnectAsync();

        await broker.KillAsync();
        await Task.Delay(_expiry + TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        await broker.RestartAsync();

        // Nobody but the end of the session sets free what it alone may hold.
        using var clock = PromiseClock.StartNew();
        await using var bob = await broker.ConnectAsync();
        await UntilFreeAsync(bob);
        clock.ExpectWithin(_allowed);
        await using var again = await broker.ConnectAsync(alice.ClientId, clean: false);
        Assert.False(again.SessionPresent);
    }

    [Fact, Spec("MQTT5-3.1.2-23")]
    public async Task A_session_ends_by_itself_and_not_before_its_time()
    {
        await using var broker = await TestBroker.StartAsync($"--Sessions:ExpiryBefore5={_expiry}");
        await using var alice = await broker.ConnectAsync(Unique.ClientId(), clean: false);
        await alice.SubscribeAsync(_filter, 1);
        await using var bob = await broker.ConnectAsync();
        using var clock = PromiseClock.StartNew();
        await alice.DisconnectAsync();

        await UntilFreeAsync(bob);

        clock.ExpectBetween(_expiry - TimeSpan.FromMilliseconds(100), _expiry + _allowed);
    }

    [Fact, Spec("MQTT5-3.1.2-23")]
    public async Task A_client_that_comes_back_in_time_keeps_its_session_however_often_the_broker_is_killed()
    {
        await using var broker = await TestBroker.StartAsync($"--Sessions:ExpiryBefore5=00:05:00", "--Gateway:Lease=00:00:02");
        var id = Unique.ClientId();
        await using (var alice = await broker.ConnectAsync(id, clean: false))
            await alice.SubscribeAsync(_filter, 1);
        for (var kill = 0; kill < 3; kill++)
        {
            await broker.KillAsync();
            await broker.RestartAsync();
            await using var again = await broker.ConnectAsync(id, clean: false);
            Assert.True(again.SessionPresent);
            if (kill == 1)
                await again.DisconnectAsync();
        }
    }

    [Fact]
    public async Task What_a_connection_held_alone_is_free_when_the_broker_was_killed_and_what_a_session_held_is_not()
    {
        await using var broker = await TestBroker.StartAsync("--Gateway:Lease=00:00:02");
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_filter, 1);
        await using var carol = await broker.ConnectAsync(Unique.ClientId(), clean: false);
        await carol.SubscribeAsync($"{_filter}/kept", 1);
        await broker.KillAsync();
        await broker.RestartAsync();

        using var clock = PromiseClock.StartNew();
        await using var bob = await broker.ConnectAsync();
        await UntilFreeAsync(bob);

        clock.ExpectWithin(_allowed);
        Assert.Equal(Refused, (await bob.AskAsync(($"{_filter}/kept", 1)))[0]);
    }

    private Task UntilFreeAsync(RawClient client) =>
        Eventually.ThatAsync(async () => (await client.AskAsync((_filter, 1)))[0] != Refused);
}
