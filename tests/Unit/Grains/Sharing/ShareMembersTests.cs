using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;
using Orleans.Mqtt.Tests.Unit.Grains.Routing;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sharing;

public class ShareMembersTests
{
    private const int Window = 4, ReadAhead = 6;

    private readonly List<ShareMember> _members = [];
    private long _position;

    [Fact]
    public void In_turn_each_gets_as_much_as_the_others()
    {
        var share = Share(ShareStrategy.RoundRobin, 3);

        Assert.Equal(["m0", "m1", "m2", "m0", "m1", "m2"], Enumerable.Range(0, 6).Select(_ => Chosen(share)));
    }

    [Fact]
    public void Who_cannot_take_one_more_is_passed_over_and_costs_the_next_no_turn_of_its_own()
    {
        var share = Share(ShareStrategy.RoundRobin, 3);
        Fill(_members[1]);

        Assert.Equal(["m0", "m2", "m0", "m2"], Enumerable.Range(0, 4).Select(_ => Chosen(share)));
    }

    [Theory, CombinatorialStrategies]
    public void When_nobody_can_take_more_the_message_waits(ShareStrategyName strategy)
    {
        var share = Share((ShareStrategy)strategy, 2);
        foreach (var member in _members)
            Fill(member);

        Assert.Null(Chosen(share));
    }

    [Theory, CombinatorialStrategies]
    public void Who_is_away_or_leaving_gets_nothing(ShareStrategyName strategy)
    {
        var share = Share((ShareStrategy)strategy, 3);
        _members[0].Link = null;
        _members[1].Membership = _members[1].Membership with { IsLeaving = true };
        share.Refresh();

        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal("m2", Chosen(share)));
        Assert.Equal(QoS.ExactlyOnce, share.HighestQoS);
        _members[2].Link = null;
        share.Refresh();
        Assert.Null(Chosen(share));
    }

    [Fact]
    public void By_chance_everybody_gets_something()
    {
        var share = Share(ShareStrategy.Random, 3);

        Assert.Equal(3, Enumerable.Range(0, 200).Select(_ => Chosen(share)).Distinct().Count());
    }

    [Fact]
    public void One_is_stuck_to_until_it_goes()
    {
        var share = Share(ShareStrategy.Sticky, 3);
        var first = Chosen(share)!;
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal(first, Chosen(share)));

        share.Find(first)!.Link = null;
        share.Refresh();
        var second = Chosen(share)!;
        Assert.NotEqual(first, second);
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal(second, Chosen(share)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void What_belongs_together_goes_to_one_member_also_when_the_share_is_taken_up_anew(bool byTopic)
    {
        var strategy = byTopic ? ShareStrategy.HashTopic : ShareStrategy.HashClient;
        var (one, other) = (Share(strategy, 4), Share(strategy, 4, backwards: true));
        var chosen = new HashSet<string>();
        for (var key = 0; key < 100; key++)
        {
            var record = byTopic
                ? Records.Of($"topic/{key}")
                : Records.Of(publisher: PublisherNames.New($"client {key}"));
            var member = one.Choose(new MessageRecord(record))!.ClientId;
            Assert.Equal(member, one.Choose(new MessageRecord(record))!.ClientId);
            Assert.Equal(member, other.Choose(new MessageRecord(record))!.ClientId);
            chosen.Add(member);
        }

        Assert.Equal(4, chosen.Count);
    }

    [Fact]
    public void A_client_is_the_same_from_one_connection_to_the_next()
    {
        Assert.Equal(PublisherNames.HashOf(PublisherNames.New("alice")), PublisherNames.HashOf(PublisherNames.New("alice")));
        Assert.NotEqual(PublisherNames.New("alice"), PublisherNames.New("alice"));
        Assert.NotEqual(PublisherNames.HashOf(PublisherNames.New("alice")), PublisherNames.HashOf(PublisherNames.New("bob")));
    }

    [Fact]
    public void Who_has_least_in_flight_is_next()
    {
        var share = Share(ShareStrategy.LeastInFlight, 3);
        Give(_members[0], 3);
        Give(_members[1], 1);
        Give(_members[2], 2);

        Assert.Equal("m1", Chosen(share));
        Give(_members[1], 2);
        Assert.Equal("m2", Chosen(share));
    }

    [Fact]
    public void An_identifier_comes_back_late_and_never_while_it_is_taken()
    {
        Share(ShareStrategy.RoundRobin, 1);
        var flights = Enumerable.Range(0, PacketIdentifiers.PerShare).Select(_ => Flight(_members[0])).ToList();
        flights.ForEach(_members[0].TakePacketId);
        Assert.Equal(PacketIdentifiers.PerShare, flights.Select(flight => flight.PacketId).Distinct().Count());
        Assert.All(flights, flight => Assert.InRange(flight.PacketId, PacketIdentifiers.OfShare(0), PacketIdentifiers.OfShare(1) - 1));

        var freed = flights[7].PacketId;
        _members[0].Release(flights[7]);
        var next = Flight(_members[0]);
        _members[0].TakePacketId(next);
        Assert.Equal(freed, next.PacketId);
    }

    private ShareMembers Share(ShareStrategy strategy, int count, bool backwards = false)
    {
        _members.Clear();
        var share = new ShareMembers(strategy, ReadAhead);
        foreach (var number in Enumerable.Range(0, count).OrderBy(number => backwards ? -number : number))
        {
            var membership = new Membership
            {
                ClientId = $"m{number}",
                QoS = QoS.ExactlyOnce,
                FirstPacketId = PacketIdentifiers.OfShare(0),
            };
            _members.Add(new ShareMember(membership) { Link = new ShareLink(new TestPort("g"), 1, Window) });
            share.Add(_members[^1]);
        }

        return share;
    }

    private static string? Chosen(ShareMembers share) => share.Choose(new MessageRecord(Records.Of("t", publisher: 1)))?.ClientId;

    private void Fill(ShareMember member) => Give(member, Window + ReadAhead + 1);

    private void Give(ShareMember member, int count)
    {
        for (var i = 0; i < count; i++)
            member.Backlog.Enqueue(Flight(member));
    }

    private ShareFlight Flight(ShareMember member) => new(_position++, Records.Of(qos: QoS.AtLeastOnce), member);
}
