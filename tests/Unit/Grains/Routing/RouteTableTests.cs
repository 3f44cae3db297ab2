using System.Text;
using CsCheck;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Sessions;
using Orleans.Mqtt.Tests.Unit.Grains.Sharing;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Routing;

public class RouteTableTests
{
    private const RouteOptions Live = RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged;

    private static readonly string[] _filters = ["a", "a/b", "+", "a/+", "a/#", "#", "+/b"];
    private static readonly string[] _topics = ["a", "a/b", "a/c", "c/b", "$SYS/a"];
    private static readonly string[] _destinations = ["g:1", "g:2", "s:1", "s:2", "s:3"];

    private readonly RouteTable _table = New();

    [Fact]
    public void It_finds_what_a_plain_list_finds_whatever_changes_in_whatever_order() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 4], Gen.Int[0, 2]).Array[0, 80].Sample(steps =>
        {
            var table = New(mostRemembered: 10);
            var model = new Dictionary<(string Filter, string Destination), RouteOptions>();
            foreach (var (filter, destination, qos) in steps)
            {
                var to = _destinations[destination];
                var options = qos == 0 ? RouteOptions.None : to[0] == 'g' ? (RouteOptions)(qos << 2) : (RouteOptions)qos;
                table.Apply([new RouteChange(_filters[filter], to, options)]);
                model[(_filters[filter], to)] = options;
                foreach (var topic in _topics)
                    Assert.Equal(Expected(model, topic), Found(table, topic));
            }

            Assert.Equal(
                model.Where(route => route.Value is not RouteOptions.None).Select(route => route.Key.Filter).Distinct().Count(),
                table.Filters);
        }, iter: 200);

    [Fact]
    public void A_gateway_that_has_gone_is_forgotten_with_its_last_route_and_a_removal_of_nothing_makes_nothing()
    {
        _table.Attach(new TestPort("1"));
        Apply("a", "g:1", Live);
        Apply("b", "g:1", Live);
        Assert.Equal(["a", "b"], Enumerable.Range(0, RouteSlices.Count).SelectMany(slice => _table.RoutesTo("1", slice)).Select(route => route.Filter).Order());
        _table.Detach("1");
        Assert.Null(_table.PortOf("1"));
        Assert.Equal(1, _table.Destinations);

        Apply("a", "g:1", RouteOptions.None);
        Apply("b", "g:1", RouteOptions.None);
        Apply("b", "g:1", RouteOptions.None);
        Apply("c", "s:1", RouteOptions.None);
        Assert.Equal(0, _table.Destinations);
    }

    [Fact]
    public void A_gateway_without_routes_is_forgotten_when_it_is_detached()
    {
        _table.Attach(new TestPort("1"));
        _table.Detach("1");
        Assert.Equal(0, _table.Destinations);
    }

    [Fact]
    public async Task A_session_that_takes_another_route_finds_the_lane_that_is_at_work_for_it()
    {
        var session = new SlowSession();
        var table = new RouteTable(session.NewLanes(), Shares.Routes());
        table.Apply([new RouteChange("a", "s:1", (RouteOptions)QoS.AtLeastOnce)]);
        var lane = table.Match("a"u8).Sessions[0].Session.Lane;
        var batch = new Mqtt.Ingress.PublicationBatch { Source = new Mqtt.Ingress.PublicationSource("p") };
        var receipt = new Orleans.Mqtt.Grains.Sessions.StorageReceipt(batch);
        lane.Add(new MessageRecord(Records.Of()), QoS.AtLeastOnce, receipt, 0);
        var stored = receipt.Collect().AsTask();

        table.Apply([new RouteChange("a", "s:1", RouteOptions.None)]);
        for (var other = 0; other < 1000; other++)
            ComeAndGo(table, $"s:other{other}");
        table.Apply([new RouteChange("b", "s:1", (RouteOptions)QoS.AtLeastOnce)]);
        Assert.Same(lane, table.Match("b"u8).Sessions[0].Session.Lane);

        session.Answer();
        await stored.Soon();
    }

    [Fact]
    public void Sessions_that_nothing_leads_to_are_forgotten()
    {
        for (var session = 0; session < 10_000; session++)
            ComeAndGo(_table, $"s:{session}");
        for (var again = 0; again < 1000; again++)
            ComeAndGo(_table, "s:flapping");

        Assert.InRange(_table.Destinations, 0, 100);
    }

    [Fact]
    public void What_is_remembered_is_bounded_by_destinations_and_not_by_topics_only()
    {
        var table = New(mostRemembered: 100);
        for (var session = 0; session < 10; session++)
            table.Apply([new RouteChange("#", $"s:{session}", (RouteOptions)QoS.AtLeastOnce)]);

        for (var topic = 0; topic < 1000; topic++)
        {
            Assert.Equal(10, table.Match(Encoding.UTF8.GetBytes($"t/{topic}")).Sessions.Length);
            Assert.Equal(10, table.Match(Encoding.UTF8.GetBytes($"t/{topic}")).Sessions.Length);
            Assert.InRange(table.RememberedTopics, 1, 10);
        }
    }

    [Fact]
    public void When_many_are_remembered_topics_that_come_once_are_not_and_cost_no_memory()
    {
        const int Plenty = 16 * 1024;
        var table = New(mostRemembered: int.MaxValue);
        table.Apply([new RouteChange("a/+", "g:here", RouteOptions.LiveQoS0)]);
        for (var topic = 0; topic < Plenty; topic++)
            table.Match(Encoding.UTF8.GetBytes($"a/{topic}"));
        Assert.Equal(Plenty, table.RememberedTopics);
        var topics = Enumerable.Range(0, 2_000).Select(topic => Encoding.UTF8.GetBytes($"a/once{topic}")).ToArray();
        table.Match(topics[0]);

        var next = 1;
        var allocated = Allocations.LeastOf(() =>
        {
            for (var end = next + 99; next < end; next++) // each once, whatever the tries
                table.Match(topics[next]);
        });

        Assert.Equal(0, allocated);
        Assert.Equal(Plenty, table.RememberedTopics);
        Assert.Single(table.Match("a/again"u8).Gateways);
        Assert.Single(table.Match("a/again"u8).Gateways);
        Assert.Equal(Plenty + 1, table.RememberedTopics);
    }

    [Fact]
    public void A_share_is_one_destination_made_of_a_queue_and_of_members_and_goes_with_the_last_of_them()
    {
        _table.Attach(new TestPort("1"));
        var members = RouteChange.ToShareMembers("1", "g");
        var queue = RouteChange.ToShareQueue("g");
        _table.Apply([new RouteChange("a", members, RouteOptions.LiveQoS0, 2, 7), new RouteChange("a", queue, (RouteOptions)2)]);
        _table.Apply([new RouteChange("a", RouteChange.ToShareMembers("1", "other"), RouteOptions.LiveQoS0, 1, 8)]);

        var found = _table.Match("a"u8);
        Assert.Equal(["$share/g/a", "$share/other/a"], found.Shares.Select(share => share.Filter).Order());
        Assert.Empty(found.Gateways);
        Assert.Empty(found.Sessions);
        var share = found.Shares.Single(share => share.Queue is not null);
        Assert.Equal(2, _table.RoutesTo("1", RouteSlices.Of("a")).Count);
        Assert.Empty(_table.RoutesTo("1", RouteSlices.Of("a") ^ 1));

        _table.Apply([new RouteChange("a", queue, RouteOptions.None)]);
        Assert.Same(share, _table.Match("a"u8).Shares.Single(one => one.Filter == "$share/g/a"));
        Assert.Null(share.Queue);
        _table.Replace(RouteSlices.Of("a"), [new RouteChange("a", members, RouteOptions.LiveQoS0, 3, 7)]);
        Assert.Equal([new RouteChange("a", members, RouteOptions.LiveQoS0, 3, 7)], _table.RoutesTo("1", RouteSlices.Of("a")));

        _table.Detach("1");
        _table.Apply([new RouteChange("a", members, RouteOptions.None)]);
        Assert.Empty(_table.Match("a"u8).Shares);
        Assert.Equal(0, _table.Filters);
        Assert.Equal(1, _table.Destinations); // the lane of the queue may still be at work
    }

    [Theory]
    [InlineData(QoS.AtLeastOnce, false, QoS.ExactlyOnce, "other", QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce, false, QoS.AtLeastOnce, "other", QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce, false, QoS.AtMostOnce, "other", null)]
    [InlineData(QoS.ExactlyOnce, true, QoS.AtMostOnce, "other", QoS.AtMostOnce)]
    public void A_copy_has_the_lower_of_the_published_and_the_granted_QoS(
        QoS granted, bool queuesQoS0, QoS published, string publisher, QoS? expected)
    {
        Apply("a", "s:me", (RouteOptions)granted | (queuesQoS0 ? RouteOptions.QueueQoS0 : RouteOptions.None));
        Assert.Equal(expected, CopyOf(published, publisher));
    }

    [Fact]
    public void Overlapping_filters_give_one_copy_at_the_highest_QoS_and_No_Local_holds_for_its_own_filter_only()
    {
        Apply("a", "s:me", (RouteOptions)QoS.ExactlyOnce | RouteOptions.NoLocal);
        Assert.Equal(QoS.ExactlyOnce, CopyOf(QoS.ExactlyOnce, "other"));
        Assert.Null(CopyOf(QoS.ExactlyOnce, "me"));

        Apply("+", "s:me", (RouteOptions)QoS.AtLeastOnce);
        Assert.Single(_table.Match("a"u8).Sessions);
        Assert.Equal(QoS.ExactlyOnce, CopyOf(QoS.ExactlyOnce, "other"));
        Assert.Equal(QoS.AtLeastOnce, CopyOf(QoS.ExactlyOnce, "me"));

        Apply("a", "s:me", RouteOptions.None);
        Assert.Equal(QoS.AtLeastOnce, CopyOf(QoS.ExactlyOnce, "other"));
    }

    private static RouteTable New(int mostRemembered = 1000) => new(new SlowSession().NewLanes(), Shares.Routes(), mostRemembered);

    private static void ComeAndGo(RouteTable table, string session)
    {
        table.Apply([new RouteChange("x", session, (RouteOptions)QoS.AtLeastOnce)]);
        table.Apply([new RouteChange("x", session, RouteOptions.None)]);
    }

    private static string[] Expected(Dictionary<(string Filter, string Destination), RouteOptions> model, string topic) =>
    [
        .. model
            .Where(route => route.Value is not RouteOptions.None)
            .Where(route => TopicMatcher.Matches(Encoding.UTF8.GetBytes(route.Key.Filter), Encoding.UTF8.GetBytes(topic)))
            .GroupBy(route => route.Key.Destination)
            .Select(destination => destination.Key[0] == 'g'
                ? $"{destination.Key} {destination.Aggregate(RouteOptions.None, (all, route) => all | route.Value)}"
                : $"{destination.Key} {destination.Max(route => (QoS)route.Value)}")
            .Order(StringComparer.Ordinal),
    ];

    private static string[] Found(RouteTable table, string topic)
    {
        var match = table.Match(Encoding.UTF8.GetBytes(topic));
        return
        [
            .. match.Gateways.Select(gateway => $"g:{gateway.Gateway.Id} {gateway.Options}")
                .Concat(match.Sessions.Select(session =>
                    $"s:{session.Session.ClientId} {session.CopyOf(QoS.ExactlyOnce, "nobody")}"))
                .Order(StringComparer.Ordinal),
        ];
    }

    private void Apply(string filter, string destination, RouteOptions options) =>
        _table.Apply([new RouteChange(filter, destination, options)]);

    private QoS? CopyOf(QoS published, string publisher) => _table.Match("a"u8).Sessions[0].CopyOf(published, publisher);
}
