using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>
/// P1 and P2: the identities of QoS 2 messages, also when the session moves and its connection stays. A call that was made
/// again, because a silo hung, may come late out of that silo's socket: to a session that was taken up anew for it.
/// </summary>
public class ReceiptTests(SiloCluster cluster) : IClassFixture<SiloCluster>
{
    [Fact]
    public async Task A_packet_that_is_sent_again_is_the_same_message_also_when_the_session_was_taken_up_anew()
    {
        await using var publisher = await Publisher.BeginAsync(cluster);
        var before = await publisher.ReceiveAsync(1, [1, 2, 3]);
        await publisher.Session.Release(publisher.Epoch, [1, 3], publisher.Sequence(3));

        await cluster.DeactivateAsync(publisher.Session);
        var after = await publisher.ReceiveAsync(4, [1, 2, 3]);

        Assert.Equal(before[1], after[1]);
        Assert.Equal([publisher.Sequence(4), publisher.Sequence(6)], [after[0], after[2]]);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_late_call_opens_no_packet_again(bool isTakenUpAnew)
    {
        await using var publisher = await Publisher.BeginAsync(cluster);
        await publisher.ReceiveAsync(1, [7]);
        await publisher.Session.Release(publisher.Epoch, [7], publisher.Sequence(1));
        await publisher.ReceiveAsync(2, [8]);
        if (isTakenUpAnew)
            await cluster.DeactivateAsync(publisher.Session);

        await Assert.ThrowsAsync<StaleEpochException>(() => publisher.ReceiveAsync(1, [7]));

        // The next message under this identifier is a new one, and looks like one: or it would be taken for a repetition.
        var next = await publisher.ReceiveAsync(3, [7]);
        Assert.Equal(publisher.Sequence(3), next[0]);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_late_call_forgets_no_packet_that_came_after_it(bool isTakenUpAnew)
    {
        await using var publisher = await Publisher.BeginAsync(cluster);
        await publisher.ReceiveAsync(1, [7]);
        await publisher.Session.Release(publisher.Epoch, [7], publisher.Sequence(1));
        await publisher.ReceiveAsync(2, [7]);
        if (isTakenUpAnew)
            await cluster.DeactivateAsync(publisher.Session);

        var known = await publisher.Session.Release(publisher.Epoch, [7], publisher.Sequence(1));

        Assert.False(known[0]);

        var again = await publisher.ReceiveAsync(3, [7]);
        Assert.Equal(publisher.Sequence(2), again[0]); // the same message
    }

    private sealed class Publisher(ISessionHostGrain session, FakeGateway gateway, long epoch) : IAsyncDisposable
    {
        public ISessionHostGrain Session => session;

        public long Epoch => epoch;

        public static async Task<Publisher> BeginAsync(SiloCluster cluster)
        {
            var name = $"publisher-{Guid.NewGuid():N}";
            var gateway = await FakeGateway.BeginAsync(cluster);
            return new Publisher(cluster.Grain<ISessionHostGrain>(name), gateway, (await gateway.OpenAsync(name)).Epoch);
        }

        public ulong Sequence(int number) => Sequences.FirstOf(epoch) + (ulong)number;

        public Task<ulong[]> ReceiveAsync(int firstNumber, ushort[] packetIds) =>
            session.Receive(epoch, packetIds, [.. packetIds.Select((_, i) => Sequence(firstNumber + i))]);

        public ValueTask DisposeAsync() => gateway.DisposeAsync();
    }
}
