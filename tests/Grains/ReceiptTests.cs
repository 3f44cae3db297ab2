using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>P2: the identities of QoS 2 messages, also when the session moves and its connection stays.</summary>
public class ReceiptTests(SiloCluster cluster) : IClassFixture<SiloCluster>
{
    [Fact]
    public async Task A_session_that_is_taken_up_anew_gives_no_identity_twice_on_one_connection()
    {
        await using var gateway = await FakeGateway.BeginAsync(cluster);
        var session = cluster.Grain<ISessionHostGrain>("publisher");
        var ticket = await gateway.OpenAsync("publisher", clean: false);
        var before = await session.Receive(ticket.Epoch, [1, 2, 3]);
        await session.Release(ticket.Epoch, [1, 3]);

        await cluster.DeactivateAsync(session);
        var after = await session.Receive(ticket.Epoch, [1, 2, 3]);

        Assert.Equal(before[1], after[1]); // it was open: the same message
        Assert.True(after[0] > before.Max(), "a new message looks like an old one");
        Assert.True(after[2] > after[0], "order");
    }
}
