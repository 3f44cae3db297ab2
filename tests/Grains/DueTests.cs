using System.Text;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Support;
using Xunit;
using Will = Orleans.Mqtt.Sessions.Will;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>
/// What is due happens, once and within 5 seconds of its time, although the silo is killed that was to do it.
/// </summary>
public class DueTests(SiloCluster.Mortal cluster) : IClassFixture<SiloCluster.Mortal>
{
    private static readonly TimeSpan _due = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _promised = TimeSpan.FromSeconds(5);

    // A call to a silo that was killed under it is not answered before its own time is over, half a minute.
    private static readonly TimeSpan _glance = TimeSpan.FromSeconds(1);

    // A publisher of QoS 2 that no other test was: two may meet in one slice, which would know the message.
    private static ulong _publisher = 77;

    private readonly string _name = Guid.NewGuid().ToString("N");

    private string Topic => $"due/{_name}";

    [Theory, InlineData(2u, 60u, false), InlineData(2u, 60u, true), InlineData(60u, 2u, true)]
    public async Task A_will_is_published_when_its_delay_is_over_or_its_session(uint delay, uint expiry, bool killsOwner)
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        await WatchAsync(gateway);
        var client = await OpenAsync(gateway, "mortal", expiry, Messages.WillOf(Topic, "gone") with { Delay = delay });

        using var clock = PromiseClock.StartNew();
        await client.Session.Close(client.Ticket.Epoch, CloseReason.Lost, sessionExpiry: null);
        if (killsOwner)
            await cluster.KillAsync(cluster.SiloOf(client.Session));
        await Eventually.ThatAsync(async () => await QueuedAsync() == 1);

        clock.ExpectBetween(_due, _due + _promised);
        await client.Session.DoWhatIsDue(); // the fence: were it done again, it would be by now
        Assert.Equal(1, await QueuedAsync());
        await ReplaceAsync(killsOwner);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_session_ends_when_its_time_is_over(bool killsOwner)
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var client = await OpenAsync(gateway, "mortal", expiry: 2);
        string[] filter = [$"$exclusive/{Topic}"];
        Assert.Equal([ReasonCode.Success], await client.Session.Claim(client.Ticket.Epoch, filter));
        var heir = await OpenAsync(gateway, "heir", expiry: 0);
        Assert.Equal([ReasonCode.QuotaExceeded], await heir.Session.Claim(heir.Ticket.Epoch, filter));

        using var clock = PromiseClock.StartNew();
        await client.Session.Close(client.Ticket.Epoch, CloseReason.Disconnected, sessionExpiry: null);
        if (killsOwner)
            await cluster.KillAsync(cluster.SiloOf(client.Session));
        await Eventually.ThatAsync(async () => await TryClaimAsync(heir, filter));

        clock.ExpectBetween(_due, _due + _promised);
        Assert.False((await OpenAsync(gateway, "mortal", expiry: 2)).Ticket.SessionPresent);
        await ReplaceAsync(killsOwner);
    }

    [Fact]
    public async Task A_session_whose_gateway_dies_is_alone_since_the_end_of_the_lease()
    {
        await using var witness = await FakeGateway.BeginAsync(cluster);
        await WatchAsync(witness);
        await using var mortal = await FakeGateway.BeginAsync(cluster, FakeGateway.ShortLease);
        await OpenAsync(mortal, "mortal", expiry: 1, Messages.WillOf(Topic, "gone") with { Delay = 60 });

        using var clock = PromiseClock.StartNew();
        await mortal.FallSilentAsync();
        await Eventually.ThatAsync(async () => await QueuedAsync() == 1);

        clock.ExpectBetween(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1) + _promised);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_delayed_message_is_published(bool killsOwner)
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        await WatchAsync(gateway);
        var record = Messages.Record($"$delayed/2/{Topic}", "later", QoS.ExactlyOnce, Interlocked.Increment(ref _publisher), sequence: 1);
        var lane = Random.Shared.NextInt64();

        using var clock = PromiseClock.StartNew();
        var answer = await cluster.Grain<IIngressGrain>(lane).Publish(Messages.Envelope(1, record));
        Assert.Null(answer.Failed);
        Assert.Null(answer.Verdicts);
        var slice = cluster.Grain<IDelayedGrain>(RouteSlices.Of(Encoding.UTF8.GetBytes(Topic)));
        if (killsOwner)
            await cluster.KillAsync(cluster.SiloOf(slice));
        await Eventually.ThatAsync(async () => await QueuedAsync() == 1);

        clock.ExpectBetween(_due - TimeSpan.FromMilliseconds(50), _due + _promised);

        // Come again after all, from a publisher who was never told.
        await cluster.Grain<IIngressGrain>(lane + 1).Publish(Messages.Envelope(1, record));
        await slice.PublishDue();
        Assert.Equal(1, await QueuedAsync());
        await ReplaceAsync(killsOwner);
    }

    private async Task WatchAsync(FakeGateway gateway)
    {
        var watcher = await OpenAsync(gateway, "watcher", uint.MaxValue);
        await watcher.Session.Subscribe(watcher.Ticket.Epoch, request: 1, [new Subscription { Filter = Topic, QoS = QoS.ExactlyOnce }]);
    }

    private async Task<(ISessionHostGrain Session, SessionTicket Ticket)> OpenAsync(
        FakeGateway gateway, string role, uint expiry, Will? will = null)
    {
        var session = cluster.Grain<ISessionHostGrain>($"{role}-{_name}");
        return (session, await session.Open(new SessionRequest
        {
            GatewayId = gateway.Id,
            Version = ProtocolVersion.V5,
            SessionExpiry = expiry,
            ReceiveMaximum = 100,
            Will = will,
            Attempt = Guid.NewGuid(),
        }));
    }

    private static async Task<bool> TryClaimAsync((ISessionHostGrain Session, SessionTicket Ticket) client, string[] filter)
    {
        try
        {
            return (await client.Session.Claim(client.Ticket.Epoch, filter).WaitAsync(_glance))[0] is ReasonCode.Success;
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            return false; // its silo is being missed
        }
    }

    private async Task<long> QueuedAsync()
    {
        try
        {
            return (await cluster.Grain<ISessionGrain>($"watcher-{_name}").Info().WaitAsync(_glance))!.Queued;
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            return -1; // its silo is being missed
        }
    }

    private Task ReplaceAsync(bool isNeeded) => isNeeded ? cluster.StartSiloAsync() : Task.CompletedTask;
}
