using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>What gateways hand in, also twice, and also while the store is away.</summary>
public class IngressTests(SiloCluster cluster) : IClassFixture<SiloCluster>
{
    private const ulong Publisher = 77;

    [Fact]
    public async Task An_envelope_that_comes_to_two_silos_is_queued_once()
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        await SubscribeAsync(gateway, "once", "once");
        var first = Messages.Envelope(1, Record("once", 1), Record("once", 2));
        var second = Messages.Envelope(2, Record("once", 3));

        // Keys lead to different silos; each silo works at what it gets.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(lane => PublishAsync(lane, first)));
        await PublishAsync(0, second);
        await Task.WhenAll(Enumerable.Range(10, 6).Select(lane => PublishAsync(lane, first)));

        Assert.Equal(3, await QueuedAsync("once"));
    }

    [Fact]
    public async Task An_envelope_that_comes_after_a_later_one_of_its_lane_is_refused()
    {
        await PublishAsync(100, Messages.Envelope(5, Record("nobody", 1)));
        await PublishAsync(100, Messages.Envelope(5, Record("nobody", 1)));

        await Assert.ThrowsAnyAsync<InvalidOperationException>(
            () => PublishAsync(100, Messages.Envelope(4, Record("nobody", 2))));
    }

    [Fact]
    public async Task While_the_store_hangs_QoS_0_goes_on_nothing_is_acknowledged_and_no_lease_ends()
    {
        var lease = TimeSpan.FromSeconds(4);
        await using var gateway = await FakeGateway.BeginAsync(cluster, lease);
        await SubscribeAsync(gateway, "patient", "stored");
        await ChangeRouteAsync(gateway, "live");

        cluster.PauseStore();
        var acknowledged = PublishUntilDoneAsync(200, Messages.Envelope(1, Record("stored", 1)));
        using (var longer = new CancellationTokenSource(lease * 2.5))
        {
            for (var sent = 1; !longer.IsCancellationRequested; sent++)
            {
                await PublishAsync(201, Messages.Envelope(sent, Messages.Record("live", $"{sent}", QoS.AtMostOnce)));
                var payload = $"{sent}";
                await Eventually.ThatAsync(() => gateway.Heard.Contains(payload));
                Assert.True((await gateway.RenewUntilAnsweredAsync()).IsAlive);
            }
        }

        if (acknowledged.IsCompleted)
            Assert.Fail($"it was answered: {acknowledged.Exception} {Describe(await acknowledged)}");
        Assert.All(cluster.Parts<Mqtt.Grains.IStoreHealth>(), health => Assert.False(health.IsUp));
        cluster.ContinueStore();

        Assert.Null((await acknowledged).Failed);
        Assert.Equal(1, await QueuedAsync("patient"));
        await Eventually.ThatAsync(() => cluster.Parts<Mqtt.Grains.IStoreHealth>().All(health => health.UpFor > lease * 2));
        Assert.True((await gateway.RenewUntilAnsweredAsync()) is { IsAlive: true, IsStoreAway: false });
    }

    private static byte[] Record(string topic, ulong sequence) =>
        Messages.Record(topic, $"{sequence}", QoS.ExactlyOnce, Publisher, sequence);

    private Task<IngressAnswer> PublishAsync(long lane, PublicationEnvelope envelope) =>
        cluster.Grain<IIngressGrain>(lane).Publish(envelope);

    private async Task<IngressAnswer> PublishUntilDoneAsync(long lane, PublicationEnvelope envelope)
    {
        while (true)
        {
            try
            {
                return await PublishAsync(lane, envelope);
            }
            catch (Exception failure) when (failure is TimeoutException or OrleansException)
            {
                // as a lane does: asked again, under the same sequence
            }
        }
    }

    private static string Describe(IngressAnswer answer) =>
        $"verdicts {string.Join(",", answer.Verdicts ?? [])}, failed {string.Join(",", answer.Failed ?? [])}";

    private async Task SubscribeAsync(FakeGateway gateway, string clientId, string filter)
    {
        var ticket = await gateway.OpenAsync(clientId);
        var subscription = new Subscription { Filter = filter, QoS = QoS.ExactlyOnce };
        await cluster.Grain<ISessionHostGrain>(clientId).Subscribe(ticket.Epoch, request: 1, [subscription]);
    }

    private Task ChangeRouteAsync(FakeGateway gateway, string filter) =>
        cluster.Grain<IRouteGrain>(RouteSlices.Of(filter))
            .Change([new(filter, RouteChange.ToGateway(gateway.Id), RouteOptions.LiveQoS0)]);

    private async Task<long> QueuedAsync(string clientId) => (await cluster.Grain<ISessionGrain>(clientId).Info())!.Queued;
}
