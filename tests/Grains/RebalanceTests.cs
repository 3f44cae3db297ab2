using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>Scale out: a silo that comes takes its share without anything being restarted.</summary>
public class RebalanceTests(RebalanceTests.EagerCluster cluster) : IClassFixture<RebalanceTests.EagerCluster>
{
    private const int Sessions = 300;

    [Fact]
    public async Task Idle_sessions_move_to_a_silo_that_has_come_and_their_connections_stay()
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var tickets = new Dictionary<string, SessionTicket>();
        foreach (var client in Enumerable.Range(0, Sessions).Select(number => $"idle-{number}"))
        {
            tickets[client] = await gateway.OpenAsync(client);
            await cluster.Grain<ISessionHostGrain>(client).Resume(tickets[client].Epoch);
        }

        var silo = await cluster.StartSiloAsync();
        var newcomer = cluster.Part<SessionCensus>(silo);
        await Eventually.ThatAsync(() => newcomer.Count > Sessions / 6);

        foreach (var (client, ticket) in tickets)
            await cluster.Grain<ISessionHostGrain>(client).Resume(ticket.Epoch);
        Assert.Empty(gateway.Closed);
    }

    public sealed class EagerCluster() : SiloCluster(
        losesSilos: false, new("Sessions:RebalanceInterval", "00:00:00.300"), new("Sessions:RebalanceIdle", "00:00:00.200"),
        new("Sessions:RebalanceRate", "1000"));
}
