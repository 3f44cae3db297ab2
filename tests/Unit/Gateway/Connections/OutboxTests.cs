using System.IO.Pipelines;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class OutboxTests
{
    private const int Limit = 100, SocketBuffer = 64;

    [Fact]
    public void What_was_written_leaves_with_the_flush_and_in_order()
    {
        var wire = new Wire();
        var outbox = New(wire);
        Publish(outbox, "1");
        outbox.WriteAck(PacketType.PubAck, 9);
        Publish(outbox, "2");
        Assert.Empty(wire.Said());

        outbox.Flush();

        Assert.Equal(["PUBLISH a=1", "PUBACK 9", "PUBLISH a=2"], wire.Said());
    }

    [Fact]
    public async Task While_the_socket_is_full_writes_gather_up_to_the_limit_and_then_are_refused()
    {
        var wire = Narrow();
        var outbox = New(wire);
        var taken = FillUp(outbox);
        Assert.True(outbox.IsFull);
        Assert.False(Publish(outbox, "refused"));
        Assert.True(Publish(outbox, "must", mayExceed: true));

        var room = outbox.WaitForRoomAsync();
        Assert.False(room.IsCompleted);
        var heard = await wire.HearsAsync(taken + 1);

        await room.Soon();
        Assert.Equal("PUBLISH a=must", heard[^1]);
        Assert.DoesNotContain("PUBLISH a=refused", heard);
        Assert.False(outbox.IsFull);
        Assert.True(Publish(outbox, "again"));
    }

    [Fact]
    public async Task The_end_of_the_connection_ends_the_wait_for_room_and_takes_nothing_more()
    {
        var outbox = New(Narrow());
        FillUp(outbox);
        var room = outbox.WaitForRoomAsync();

        outbox.Close();

        await room.Soon();
        Assert.False(Publish(outbox, "late", mayExceed: true));
        Assert.True(outbox.WaitForRoomAsync().IsCompleted);
    }

    [Fact]
    public void A_broken_transport_closes_the_outbox_and_harms_nobody_who_writes()
    {
        var wire = new Wire();
        var outbox = New(wire);
        Publish(outbox, "1");
        wire.Break();

        outbox.Flush();

        Assert.True(outbox.IsClosed);
        Assert.False(Publish(outbox, "2"));
    }

    [Fact]
    public async Task A_transport_that_breaks_during_a_flush_ends_the_wait_for_room()
    {
        var wire = Narrow();
        var outbox = New(wire);
        FillUp(outbox);
        var room = outbox.WaitForRoomAsync();

        wire.Break();

        await room.Soon();
        Assert.True(outbox.IsClosed);
    }

    [Fact]
    public void Nothing_comes_between_a_packet_and_what_follows_it_and_neither_happens_after_the_end()
    {
        var wire = new Wire();
        var outbox = New(wire);
        Assert.True(outbox.Write(new UnsubAckPacket { PacketId = 3 }, then: () => Publish(outbox, "1")));
        outbox.Flush();
        Assert.Equal(["UNSUBACK", "PUBLISH a=1"], wire.Said());

        outbox.Close();
        Assert.False(outbox.Write(new UnsubAckPacket { PacketId = 4 }, then: () => Assert.Fail("the connection has ended")));
    }

    [Fact]
    public async Task Writers_of_many_threads_never_tear_a_packet()
    {
        const int Threads = 4, Each = 2_000;
        var wire = new Wire(new Pipe(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 2048)));
        var outbox = TestGateway.NewOutbox(wire);
        var heard = wire.HearsAsync(Threads * Each);

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                Publish(outbox, $"{thread}:{i}");
                outbox.Flush();
            }
        })));

        var payloads = (await heard).ConvertAll(said => said["PUBLISH a=".Length..].Split(':'));
        foreach (var thread in payloads.GroupBy(parts => parts[0]))
            Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{i}"), thread.Select(parts => parts[1]));
    }

    private static Outbox New(Wire wire) => new(wire.Output, new ClientTerms(ProtocolVersion.V311), Limit, TimeProvider.System);

    private static Wire Narrow() => new(new Pipe(new PipeOptions(
        pauseWriterThreshold: SocketBuffer, resumeWriterThreshold: SocketBuffer / 2, useSynchronizationContext: false)));

    private static bool Publish(Outbox outbox, string payload, bool mayExceed = false) =>
        outbox.TryPublish(
            new MessageRecord(Records.Of(payload: payload)), QoS.AtMostOnce, 0, retain: false, dup: false,
            mayExceed: mayExceed) is Posted.Taken;

    private static int FillUp(Outbox outbox)
    {
        var taken = 0;
        while (Publish(outbox, "0123456789"))
        {
            Assert.True(++taken < 100, "without bound");
            outbox.Flush();
        }

        Assert.InRange(taken * 15, SocketBuffer + Limit, SocketBuffer + Limit + 45);
        return taken;
    }
}
