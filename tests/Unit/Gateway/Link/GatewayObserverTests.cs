using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Link;

public class GatewayObserverTests
{
    [Fact]
    public async Task What_a_silo_delivers_late_that_another_has_delivered_is_not_heard_again()
    {
        var gateway = new TestGateway();
        var wire = new Wire();
        var connection = gateway.Connect(wire);
        gateway.Subscribers.Add(LocalSubscription.Of(connection, new Subscription { Filter = "a", QoS = QoS.AtLeastOnce }));
        var observer = new GatewayObserver(gateway.Downlink, new HeldEnvelopes());

        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(Of("1", 1)));
        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(Of("1", 1), Of("2", 2)));
        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(Of("1", 1)));

        Assert.Equal(["PUBLISH 1 a=1", "PUBLISH 2 a=2"], wire.Said());
    }

    [Fact]
    public async Task What_the_gateway_has_itself_is_delivered_in_the_place_of_the_reference_to_it()
    {
        var (observer, held, wire) = NewObserver();
        held.Hold(lane: 3, sequence: 8, BlockOf(Of("1", 1), Of("2", 2), Of("3", 3)));
        var length = Of("1", 1).Length;

        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(
            Records.Of("a", "before"), Reference(new RecordReference(3, 8, length, 2 * length)), Records.Of("a", "behind")));

        Assert.Equal(["PUBLISH a=before", "PUBLISH 1 a=2", "PUBLISH 2 a=3", "PUBLISH a=behind"], wire.Said());
        Assert.True(held.Release(lane: 3));
    }

    [Fact]
    public async Task A_reference_to_an_envelope_that_is_over_is_void()
    {
        var (observer, held, wire) = NewObserver();
        held.Hold(lane: 3, sequence: 8, BlockOf(Of("1", 1)));
        var reference = Reference(new RecordReference(3, 8, 0, Of("1", 1).Length));

        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(Reference(new RecordReference(4, 8, 0, 40))));
        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(Reference(new RecordReference(3, 7, 0, 40))));
        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(reference));
        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(reference)); // of another silo
        held.Release(lane: 3);
        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(reference));

        Assert.Equal(["PUBLISH 1 a=1"], wire.Said());
    }

    [Fact]
    public void Memory_that_is_still_read_is_not_given_back()
    {
        var held = new HeldEnvelopes();
        held.Hold(lane: 0, sequence: 1, BlockOf(Of("1", 1)));
        Assert.True(held.TryLend(new RecordReference(0, 1, 0, 40), out var loan));

        Assert.False(held.Release(lane: 0));

        loan.Dispose();
        held.Hold(lane: 0, sequence: 2, BlockOf(Of("1", 1)));
        Assert.True(held.Release(lane: 0));
    }

    private static (GatewayObserver Observer, HeldEnvelopes Held, Wire Wire) NewObserver()
    {
        var gateway = new TestGateway();
        var wire = new Wire();
        var connection = gateway.Connect(wire);
        gateway.Subscribers.Add(LocalSubscription.Of(connection, new Subscription { Filter = "a", QoS = QoS.AtLeastOnce }));
        var held = new HeldEnvelopes();
        return (new GatewayObserver(gateway.Downlink, held), held, wire);
    }

    private static RecordBlock BlockOf(params byte[][] records)
    {
        var block = new RecordBlock();
        foreach (var record in records)
            block.Add(new MessageRecord(record));
        return block;
    }

    private static byte[] Reference(RecordReference reference)
    {
        var record = new byte[RecordReference.Size];
        reference.WriteTo(record);
        return record;
    }

    private static byte[] Of(string payload, ulong sequence) =>
        Records.Of("a", payload, QoS.AtLeastOnce, publisher: 5, sequence: sequence);
}
