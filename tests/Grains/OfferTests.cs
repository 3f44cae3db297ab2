using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

public class OfferTests(SiloCluster cluster) : IClassFixture<SiloCluster>
{
    /// <summary>The silos that have not called the session since still believe it where it was.</summary>
    [Fact]
    public async Task A_session_that_has_moved_goes_on_at_once_wherever_the_answers_of_its_gateway_arrive()
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var sent = 0UL;
        foreach (var client in Enumerable.Range(0, 8).Select(number => $"mover-{number}"))
        {
            var session = cluster.Grain<ISessionHostGrain>(client);
            var ticket = await gateway.OpenAsync(client);
            await session.Subscribe(ticket.Epoch, request: 1, [new Subscription { Filter = client, QoS = QoS.AtLeastOnce }]);
            await session.Resume(ticket.Epoch);
            foreach (var silo in cluster.Active)
            {
                await cluster.MigrateAsync(session, silo);
                using var watch = PromiseClock.StartNew();
                for (var i = 0; i < 3; i++)
                {
                    var record = Messages.Record(client, $"{++sent}", QoS.AtLeastOnce, publisher: 9, sent);
                    await cluster.Grain<IIngressGrain>(7).Publish(Messages.Envelope((long)sent, record));
                    await Eventually.ThatAsync(() => gateway.Offered.Contains($"{sent}"));
                }

                watch.ExpectWithin(TimeSpan.FromSeconds(5));
            }
        }
    }

    /// <summary>P2: PUBREL may leave only when a new activation would know of PUBREC.</summary>
    [Fact]
    public async Task A_PUBREC_that_is_told_again_waits_for_the_store_as_the_first_one_does()
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var client = $"teller-{Guid.NewGuid():N}";
        var (session, ticket) = await ListenAsync(gateway, client, QoS.ExactlyOnce);
        var record = Messages.Record(client, client, QoS.ExactlyOnce, publisher: 10, sequence: 1);
        await cluster.Grain<IIngressGrain>(Random.Shared.NextInt64()).Publish(Messages.Envelope(1, record));
        await Eventually.ThatAsync(() => gateway.Offered.Contains(client));

        cluster.PauseStore();
        Settlement[] received = [new Settlement(gateway.Position, SettlementKind.Received)];
        Task[] told = [session.Settle(ticket.Epoch, received), session.Settle(ticket.Epoch, received)];
        await cluster.Grain<ISessionGrain>(client).Info(); // the fence: said later, and answered
        var isAnswered = told.Any(one => one.IsCompleted);
        cluster.ContinueStore();

        Assert.False(isAnswered);
        await Task.WhenAll(told);
    }

    /// <summary>P1: the connection takes each position once, so one below those that it has had is never delivered.</summary>
    [Fact]
    public async Task Positions_rise_also_in_a_silo_whose_clock_is_behind()
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var client = $"clock-{Guid.NewGuid():N}";
        var (session, ticket) = await ListenAsync(gateway, client, QoS.AtLeastOnce);

        // What a silo has stored whose clock is an hour ahead of all the others.
        var sentBelow = ticket.Epoch + (long)TimeSpan.FromHours(1).TotalMicroseconds;
        var store = cluster.Part<SessionStore>(cluster.Active[0]);
        var claim = await store.Claim(client, create: false, firstRecords: 10);
        await store.Commit(claim!, new SessionChange { Set = [new(SessionFields.SentBelow, SessionFields.Number(sentBelow))] });
        await cluster.DeactivateAsync(session);

        var record = Messages.Record(client, client, QoS.AtLeastOnce, publisher: 11, sequence: 1);
        await cluster.Grain<IIngressGrain>(Random.Shared.NextInt64()).Publish(Messages.Envelope(1, record));
        await Eventually.ThatAsync(() => gateway.Offered.Contains(client));

        Assert.True(gateway.Position >= sentBelow, $"{gateway.Position} comes after {sentBelow}");
    }

    /// <summary>A client that is in, and hears what is published on the topic with its own name.</summary>
    private async Task<(ISessionHostGrain Session, SessionTicket Ticket)> ListenAsync(FakeGateway gateway, string client, QoS qos)
    {
        var session = cluster.Grain<ISessionHostGrain>(client);
        var ticket = await gateway.OpenAsync(client);
        await session.Subscribe(ticket.Epoch, request: 1, [new Subscription { Filter = client, QoS = qos }]);
        await session.Resume(ticket.Epoch);
        return (session, ticket);
    }
}
