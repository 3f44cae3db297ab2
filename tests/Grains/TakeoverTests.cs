using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>P5: one connection owns a client id in the whole cluster.</summary>
public class TakeoverTests(SiloCluster.Mortal cluster) : IClassFixture<SiloCluster.Mortal>
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task The_older_connection_is_closed_at_its_gateway_also_when_the_session_was_lost_with_its_silo(bool clean)
    {
        var client = $"taken-{clean}";
        var session = cluster.Grain<ISessionHostGrain>(client);
        await using var first = await FakeGateway.BeginAsync(cluster);
        await using var second = await FakeGateway.BeginAsync(cluster);
        var older = await first.OpenAsync(client, clean);
        var silo = cluster.SiloOf(session);
        await cluster.KillAsync(silo);

        SessionTicket? newer = null;
        await Eventually.ThatAsync(async () => (newer = await TryOpenAsync(second, client, clean)) is not null);

        Assert.Contains((client, older.Epoch), first.Closed);
        Assert.True(newer!.Epoch > older.Epoch);
        Assert.Equal(!clean, newer.SessionPresent);
        await Assert.ThrowsAsync<StaleEpochException>(() => session.Resume(older.Epoch));
        await session.Resume(newer.Epoch);
        await cluster.StartSiloAsync();
    }

    [Fact]
    public async Task A_silo_that_has_just_come_reaches_the_gateways_that_were_there_before()
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var silo = await cluster.StartSiloAsync();

        var port = await cluster.Part<Mqtt.Grains.Delivery.RemoteGateways>(silo).ReachAsync(gateway.Id);
        await port!.Disconnect("somebody", 5, Protocol.ReasonCode.SessionTakenOver);

        Assert.Equal([("somebody", 5L)], gateway.Closed);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_call_to_open_that_is_repeated_gives_the_same_ticket_and_ends_nothing(bool afterALoss)
    {
        var client = $"again-{afterALoss}";
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var attempt = Guid.NewGuid();
        var will = Messages.WillOf("never", "said");
        var ticket = await gateway.OpenAsync(client, clean: true, will, attempt);
        if (afterALoss)
            await cluster.DeactivateAsync(cluster.Grain<ISessionHostGrain>(client));

        var again = await gateway.OpenAsync(client, clean: true, will, attempt);

        Assert.Equal((ticket.Epoch, ticket.Publisher, ticket.SessionPresent), (again.Epoch, again.Publisher, again.SessionPresent));
        Assert.Empty(gateway.Closed);
    }

    private static async Task<SessionTicket?> TryOpenAsync(FakeGateway gateway, string client, bool clean)
    {
        try
        {
            return await gateway.OpenAsync(client, clean);
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            return null; // the silo that is dead is not missed yet
        }
    }
}
