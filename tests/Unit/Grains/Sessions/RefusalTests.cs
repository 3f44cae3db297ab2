using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

public class RefusalTests
{
    [Theory, InlineData(QoS.AtLeastOnce), InlineData(QoS.ExactlyOnce)]
    public void What_a_client_refuses_or_cannot_be_sent_is_done(QoS qos)
    {
        var queue = new SessionQueue(messagesInMemory: 8);
        queue.Append(Records.Of(qos: qos, sequence: 1, position: 0));
        queue.Stored(1);
        var refused = new Settlement(0, SettlementKind.Refused);
        Assert.False(queue.Settle(refused)); // it was not even sent
        Assert.True(queue.TrySend(1, out _, out _));

        Assert.True(queue.Settle(refused));

        Assert.Equal((0, 0), (queue.Count, queue.InFlight));
        Assert.False(queue.Settle(refused));
    }
}
