using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>What becomes of a gateway's clients when it dies.</summary>
public class LeaseTests(SiloCluster.Mortal cluster) : IClassFixture<SiloCluster.Mortal>
{
    private static readonly TimeSpan _promised = TimeSpan.FromSeconds(5);

    [Theory, InlineData(false), InlineData(true)]
    public async Task The_will_of_a_gateways_client_is_published_once_and_its_session_is_free_within_5_seconds(bool withItsSilo)
    {
        var (topic, client, watcher) = ($"will/{withItsSilo}", $"mortal-{withItsSilo}", $"watcher-{withItsSilo}");
        await using var witness = await FakeGateway.BeginAsync(cluster);
        await SubscribeAsync(witness, watcher, topic);
        await using var mortal = await FakeGateway.BeginAsync(cluster, FakeGateway.ShortLease);
        await mortal.OpenAsync(client, clean: true, Messages.WillOf(topic, "gone"));

        using var watch = PromiseClock.StartNew();
        await mortal.FallSilentAsync();
        if (withItsSilo)
            await cluster.KillAsync(cluster.SiloOf(cluster.Grain<ISessionHostGrain>(client)));
        await Eventually.ThatAsync(async () => await QueuedAsync(watcher) == 1);
        await Eventually.ThatAsync(async () => await InfoAsync(client) is null or { IsConnected: false });
        TestContext.Current.SendDiagnosticMessage($"cleared up in {watch.Elapsed}");
        watch.ExpectWithin(_promised);

        // The fence: everything is cleared up once more, and nothing comes of it.
        await cluster.Grain<IGatewayGrain>(mortal.Id).End();
        await cluster.Grain<ISessionHostGrain>(client).GatewayLost(mortal.Id, since: 0);
        Assert.Equal(1, await QueuedAsync(watcher));
        if (withItsSilo)
            await cluster.StartSiloAsync();
    }

    [Fact]
    public async Task A_lease_that_has_ended_is_not_renewed_wherever_it_is_asked_for()
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        Assert.True((await gateway.RenewUntilAnsweredAsync()).IsAlive);

        await cluster.Grain<IGatewayGrain>(gateway.Id).End();
        await cluster.DeactivateAsync(cluster.Grain<IGatewayGrain>(gateway.Id));

        for (var asked = 0; asked < 10; asked++)
            Assert.False((await gateway.RenewUntilAnsweredAsync()).IsAlive);
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => gateway.OpenAsync("late", clean: true));
    }

    private async Task SubscribeAsync(FakeGateway gateway, string clientId, string filter)
    {
        var ticket = await gateway.OpenAsync(clientId);
        var subscription = new Subscription { Filter = filter, QoS = QoS.AtLeastOnce };
        await cluster.Grain<ISessionHostGrain>(clientId).Subscribe(ticket.Epoch, request: 1, [subscription]);
    }

    private async Task<SessionInfo?> InfoAsync(string clientId)
    {
        try
        {
            return await cluster.Grain<ISessionGrain>(clientId).Info();
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            return new SessionInfo { ClientId = clientId, IsConnected = true, Queued = -1 }; // its silo is being missed
        }
    }

    private async Task<long> QueuedAsync(string clientId) => (await InfoAsync(clientId))!.Queued;
}
