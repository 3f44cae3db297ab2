using Orleans.Mqtt.Gateway.Link;
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
        var observer = new GatewayObserver(gateway.Downlink);

        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(Of("1", 1)));
        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(Of("1", 1), Of("2", 2)));
        await observer.Deliver(Guid.NewGuid(), 1, Records.Batch(Of("1", 1)));

        Assert.Equal(["PUBLISH 1 a=1", "PUBLISH 2 a=2"], wire.Said());
    }

    private static byte[] Of(string payload, ulong sequence) =>
        Records.Of("a", payload, QoS.AtLeastOnce, publisher: 5, sequence: sequence);
}
