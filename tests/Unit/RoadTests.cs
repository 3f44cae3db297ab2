using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Unit.Gateway;
using Orleans.Mqtt.Tests.Unit.Grains.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Sessions;
using Orleans.Mqtt.Tests.Unit.Grains.Sharing;
using Orleans.Mqtt.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>The road of a QoS 0 message, from the router to the subscriber's pipe, without the sockets.</summary>
public class RoadTests
{
    [Theory]
    [InlineData("a/b")]
    [InlineData("a/+")]
    [InlineData("#")]
    public void A_QoS_0_message_goes_its_whole_way_without_an_allocation(string filter)
    {
        var gateway = new TestGateway();
        var wire = new Wire();
        var connection = gateway.Connect(wire);
        gateway.Subscribers.Add(LocalSubscription.Of(connection, new Subscription { Filter = filter }));
        var table = new RouteTable(new SlowSession().NewLanes(), Shares.Routes());
        table.Attach(gateway.Downlink);
        table.Apply([new RouteChange(filter, RouteChange.ToGateway(gateway.Downlink.GatewayId), RouteOptions.LiveQoS0)]);
        var router = RouterTests.NewRouter(table, FakeGrains.Of<IRetainedGrain>(_ => throw new NotSupportedException()));
        var batch = new PublicationBatch { Source = new PublicationSource("p") };
        for (var i = 0; i < 10; i++)
            batch.Records.Add(new MessageRecord(Records.Of("a/b", "payload")));

        ExpectNoAllocation(router, batch, wire, bytes: 10 * (2 + 2 + "a/bpayload".Length));
    }

    [Fact]
    public void Neither_does_one_of_MQTT_5_with_an_alias_an_expiry_and_a_subscription_identifier()
    {
        var gateway = new TestGateway();
        var wire = new Wire();
        var connection = gateway.Connect5(wire, TestGateway.Terms5 with { TopicAliases = 4 });
        gateway.Subscribers.Add(LocalSubscription.Of(connection, new Subscription { Filter = "a/+", Identifier = 7 }));
        gateway.Subscribers.Add(LocalSubscription.Of(connection, new Subscription { Filter = "+/b", Identifier = 8 }));
        var table = new RouteTable(new SlowSession().NewLanes(), Shares.Routes());
        table.Attach(gateway.Downlink);
        table.Apply([new RouteChange("a/+", RouteChange.ToGateway(gateway.Downlink.GatewayId), RouteOptions.LiveQoS0)]);
        var router = RouterTests.NewRouter(table, FakeGrains.Of<IRetainedGrain>(_ => throw new NotSupportedException()));
        var batch = new PublicationBatch { Source = new PublicationSource("p") };
        for (var i = 0; i < 10; i++)
            batch.Records.Add(new MessageRecord(Records.Of("a/b", "payload", expiry: uint.MaxValue, properties: [1, 1])));
        batch.Records.Add(new MessageRecord(Records.Of("a/b/too/long/for/nobody", "payload")));

        ExpectNoAllocation(router, batch, wire, bytes: 10 * (2 + 2 + 1 + (5 + 2 + 2 + 2) + "a/bpayload".Length));
    }

    [Fact]
    public void Neither_does_one_that_goes_to_a_member_of_a_shared_subscription()
    {
        const string Filter = "$share/g/a/+";
        var gateway = new TestGateway();
        var wire = new Wire();
        foreach (var client in new[] { "one", "other" })
            gateway.Shares.Add(LocalSubscription.Of(gateway.Connect(wire, client), new Subscription { Filter = Filter }));
        var table = new RouteTable(new SlowSession().NewLanes(), Shares.Routes());
        table.Attach(gateway.Downlink);
        var members = RouteChange.ToShareMembers(gateway.Downlink.GatewayId, "g");
        table.Apply([new RouteChange("a/+", members, RouteOptions.LiveQoS0, 2, gateway.Identity.HandleOf(Filter))]);
        var router = RouterTests.NewRouter(table, FakeGrains.Of<IRetainedGrain>(_ => throw new NotSupportedException()));
        var batch = new PublicationBatch { Source = new PublicationSource("p") };
        for (var i = 0; i < 10; i++)
            batch.Records.Add(new MessageRecord(Records.Of("a/b", "payload")));

        ExpectNoAllocation(router, batch, wire, bytes: 10 * (2 + 2 + "a/bpayload".Length));
    }

    private static void ExpectNoAllocation(Router router, PublicationBatch batch, Wire wire, int bytes)
    {
        Route(router, batch, wire, rounds: 100);
        var left = 0L;
        var allocated = Allocations.LeastOf(() => left = Route(router, batch, wire, rounds: 1000));

        Assert.Equal(0, allocated);
        Assert.Equal(1000L * bytes, left);
    }

    private static long Route(Router router, PublicationBatch batch, Wire wire, int rounds)
    {
        var left = 0L;
        for (var round = 0; round < rounds; round++)
        {
            Assert.True(router.Route(batch).AsTask().IsCompletedSuccessfully);
            left += wire.Discard();
        }

        return left;
    }
}
