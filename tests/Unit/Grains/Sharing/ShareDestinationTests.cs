using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sharing;

public class ShareDestinationTests
{
    private readonly GatewayDestination _one = new("1") { Port = new TestPort("1") };
    private readonly GatewayDestination _two = new("2") { Port = new TestPort("2") };

    [Fact]
    public void Each_member_has_its_turn_on_whichever_gateway_it_is()
    {
        var share = Share(ShareStrategy.RoundRobin, two: 2);

        var picked = Enumerable.Range(0, 9).Select(_ => Picked(share)).ToLookup(place => place);

        Assert.Equal(["1/0", "2/0", "2/1"], picked.Select(place => place.Key).Order());
        Assert.All(picked, place => Assert.Equal(3, place.Count()));
    }

    [Fact]
    public void A_gateway_that_cannot_be_reached_is_passed_over_and_without_any_nobody_gets_it()
    {
        var share = Share(ShareStrategy.RoundRobin, two: 1);
        _one.Port = null;
        Assert.All(Enumerable.Range(0, 4), _ => Assert.Equal("2/0", Picked(share)));
        _two.Port = null;
        Assert.Null(Picked(share));
        share.SetMembers(_one, 0, 0);
        share.SetMembers(_two, 0, 0);
        Assert.Null(Picked(share));
        Assert.Equal(RouteOptions.None, share.Options);
    }

    [Fact]
    public void One_is_stuck_to_until_its_gateway_goes()
    {
        var share = Share(ShareStrategy.Sticky, two: 3);
        var first = Picked(share);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal(first, Picked(share)));

        (first == "1/0" ? _one : _two).Port = null;
        var second = Picked(share);
        Assert.NotEqual(first, second);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal(second, Picked(share)));
    }

    [Fact]
    public void What_belongs_together_goes_to_one_member()
    {
        var share = Share(ShareStrategy.HashTopic, two: 2);
        var byTopic = Enumerable.Range(0, 300).ToLookup(i => i % 60, i => Picked(share, $"t/{i % 60}"));

        Assert.All(byTopic, places => Assert.Single(places.Distinct()));
        Assert.Equal(3, byTopic.Select(places => places.First()).Distinct().Count());
    }

    [Fact]
    public void Its_routes_are_what_it_was_made_of()
    {
        var share = Share(ShareStrategy.RoundRobin, two: 2);
        var queue = new SessionDestination(ShareNames.Of(share.Filter), new SlowSession().NewLane());
        Assert.Equal(1, share.SetQueue(queue, (RouteOptions)2));
        Assert.Equal(0, share.SetQueue(queue, (RouteOptions)1));

        Assert.Equal(
        [
            new RouteChange("a/+", RouteChange.ToShareQueue("g"), (RouteOptions)1),
            new RouteChange("a/+", RouteChange.ToShareMembers("1", "g"), RouteOptions.LiveQoS0, 1, 71),
            new RouteChange("a/+", RouteChange.ToShareMembers("2", "g"), RouteOptions.LiveQoS0, 2, 72),
        ], share.Routes);
        Assert.All(share.Routes, route => Assert.Equal(share.Filter, route.SharedFilter));
        Assert.Equal([null, "1", "2"], share.Routes.Select(route => route.GatewayId));
        Assert.Equal(-1, share.SetQueue(queue, RouteOptions.None));
    }

    private ShareDestination Share(ShareStrategy strategy, int two)
    {
        var share = new ShareDestination("$share/g/a/+", strategy);
        share.SetMembers(_one, 1, 71);
        share.SetMembers(_two, two, 72);
        return share;
    }

    private static string? Picked(ShareDestination share, string topic = "a/b") =>
        share.TryPick(new MessageRecord(Records.Of(topic)), out var port, out var place) ? $"{port!.GatewayId}/{place.Seat}" : null;
}
