using System.Text;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Storage;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>
/// P1, P5, P6: what a silo does that hung, was given up, and goes on with calls that have been made again elsewhere. It may
/// take the session up anew for them, or still hold what it was.
/// </summary>
public class LateCallTests(SiloCluster cluster) : IClassFixture<SiloCluster>
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_late_call_to_open_does_not_bring_back_a_connection_that_has_ended(bool clean)
    {
        var client = Name();
        var session = cluster.Grain<ISessionHostGrain>(client);
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var request = gateway.RequestOf(clean, Messages.WillOf(client, "last words"));
        await session.Open(request);
        await session.Close(request.Epoch, CloseReason.Lost, null);
        await GoneAsync(session);

        var late = await Assert.ThrowsAsync<StaleEpochException>(() => session.Open(request));

        Assert.Equal(request.Epoch, late.Highest);
        Assert.NotEqual(true, (await InfoAsync(client))?.IsConnected);
        await session.Open(request with { Epoch = late.Highest + 1, Attempt = Guid.NewGuid() }); // the next one is let in
        Assert.True((await InfoAsync(client))!.IsConnected);
    }

    [Fact]
    public async Task A_late_call_to_open_does_not_take_over_from_a_later_connection()
    {
        var client = Name();
        var session = cluster.Grain<ISessionHostGrain>(client);
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var request = gateway.RequestOf();
        await session.Open(request);
        var later = await gateway.OpenAsync(client);
        await cluster.DeactivateAsync(session);

        await Assert.ThrowsAsync<StaleEpochException>(() => session.Open(request));

        Assert.DoesNotContain((client, later.Epoch), gateway.Closed);
        await session.Resume(later.Epoch);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_was_given_up_before_it_was_opened_is_not_opened_any_more(bool hasSession)
    {
        var client = Name();
        var session = cluster.Grain<ISessionHostGrain>(client);
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var connected = hasSession ? await gateway.OpenAsync(client) : null;
        var request = gateway.RequestOf();
        await session.Close(request.Epoch, CloseReason.Disconnected, null);
        await GoneAsync(session);

        await Assert.ThrowsAsync<StaleEpochException>(() => session.Open(request));

        if (connected is not null)
            await session.Resume(connected.Epoch); // it has lost nothing
        Assert.True((await gateway.OpenAsync(client)).Epoch > request.Epoch);
    }

    /// <summary>P1: without its timer, what was acknowledged would wait for nobody.</summary>
    [Fact]
    public async Task A_late_call_to_publish_what_is_due_does_not_take_away_the_timer_of_who_has_the_slice_now()
    {
        const int Slice = 3;
        var delayed = cluster.Grain<IDelayedGrain>(Slice);
        await delayed.PublishDue();
        var timers = cluster.Part<DueStore>(cluster.Active[0]);
        await cluster.Part<DelayedStore>(cluster.Active[0]).Claim(Slice);
        var due = TimeProvider.System.GetUtcNow().AddHours(1);
        await timers.Set(Slice, Encoding.UTF8.GetBytes(DueStore.DelayedMessages), due);

        await Assert.ThrowsAsync<StaleOwnerException>(delayed.PublishDue);

        Assert.Single(await timers.ReadDue(Slice, due, max: 10));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_session_that_was_taken_up_elsewhere_loses_no_route_to_the_one_that_had_it(bool isEnded)
    {
        var client = Name();
        var session = cluster.Grain<ISessionHostGrain>(client);
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var ticket = await gateway.OpenAsync(client);
        await session.Subscribe(ticket.Epoch, request: 1, [new Subscription { Filter = client, QoS = QoS.AtLeastOnce }]);
        await cluster.Part<SessionStore>(cluster.Active[0]).Claim(client, create: false, firstRecords: 10);

        await Assert.ThrowsAsync<StaleOwnerException>(() => isEnded
            ? gateway.OpenAsync(client, clean: true)
            : session.Unsubscribe(ticket.Epoch, request: 2, [client]));

        await cluster.Grain<IIngressGrain>(Random.Shared.NextInt64())
            .Publish(Messages.Envelope(1, Messages.Record(client, "still wanted", QoS.AtLeastOnce)));
        await Eventually.ThatAsync(async () => await InfoAsync(client) is { Queued: 1 });
    }

    [Fact]
    public async Task A_late_call_to_unsubscribe_does_not_undo_a_later_one_to_subscribe()
    {
        var client = Name();
        var session = cluster.Grain<ISessionHostGrain>(client);
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var ticket = await gateway.OpenAsync(client);
        Subscription[] wanted = [new Subscription { Filter = client, QoS = QoS.AtLeastOnce }];
        await session.Subscribe(ticket.Epoch, 1, wanted);
        await session.Unsubscribe(ticket.Epoch, 2, [client]);
        await session.Subscribe(ticket.Epoch, 3, wanted);
        await cluster.DeactivateAsync(session);

        await Assert.ThrowsAsync<StaleEpochException>(() => session.Unsubscribe(ticket.Epoch, 2, [client]));

        Assert.Equal(1, (await InfoAsync(client))!.Subscriptions);
        await session.Unsubscribe((await gateway.OpenAsync(client)).Epoch, 1, [client]); // each connection counts its own
        Assert.Equal(0, (await InfoAsync(client))!.Subscriptions);
    }

    private static string Name() => $"late-{Guid.NewGuid():N}";

    private Task<SessionInfo?> InfoAsync(string client) => cluster.Grain<ISessionGrain>(client).Info();

    /// <summary>An activation with nothing in it goes by itself.</summary>
    private async Task GoneAsync(IAddressable session)
    {
        try
        {
            await cluster.DeactivateAsync(session);
        }
        catch (InvalidOperationException)
        {
            // it has gone
        }
    }
}
