using System.Runtime.CompilerServices;
using System.Text;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Tests.Unit.Gateway;
using Orleans.Mqtt.Tests.Unit.Grains.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Sessions;
using Orleans.Mqtt.Tests.Unit.Grains.Sharing;
using Orleans.Mqtt.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>The road of QoS 0 messages through so many wildcard filters that topics are looked for together.</summary>
public class LargeTableTests
{
    private const int Filters = 60_000;
    private const int Tries = 5;
    private const int BatchesInATry = 70;

    private readonly TestGateway _gateway = new();
    private readonly Wire _wire = new();
    private readonly MqttConnection _connection;
    private readonly RouteTable _table = new(new SlowSession().NewLanes(), Shares.Routes());

    public LargeTableTests()
    {
        _connection = _gateway.Connect(_wire);
        var leadsHere = RouteChange.ToGateway(_gateway.Downlink.GatewayId);
        _table.Attach(_gateway.Downlink);
        _table.Apply([.. Enumerable.Range(0, Filters).Select(i => new RouteChange(FilterOf(i), leadsHere, RouteOptions.LiveQoS0))]);
        for (var i = 0; i < Filters; i++)
            _gateway.Subscribers.Add(LocalSubscription.Of(_connection, new Subscription { Filter = FilterOf(i) }));
    }

    [Fact]
    public void Each_finds_its_subscriber_however_many_there_are()
    {
        var router = RouterTests.NewRouter(_table, FakeGrains.Of<IRetainedGrain>(_ => throw new NotSupportedException()));
        var first = Batch(0);
        Assert.True(router.Route(first).AsTask().IsCompletedSuccessfully);
        Assert.Equal((long)first.Count * PacketSize, (long)_wire.Discard());

        // Others, so that none is remembered.
        var batches = Enumerable.Range(1, 300).Select(Batch).ToArray();
        var left = 0L;
        foreach (var batch in batches)
        {
            Assert.True(router.Route(batch).AsTask().IsCompletedSuccessfully);
            left += _wire.Discard();
        }

        Assert.Equal((long)batches.Sum(batch => batch.Count) * PacketSize, left);
    }

    [Fact]
    public void What_is_not_remembered_goes_its_whole_way_without_an_allocation_though_two_filters_of_a_client_match()
    {
        _gateway.Subscribers.Add(LocalSubscription.Of(_connection, new Subscription { Filter = "site/#", QoS = QoS.AtLeastOnce }));
        var router = RouterTests.NewRouter(_table, FakeGrains.Of<IRetainedGrain>(_ => throw new NotSupportedException()));
        for (var i = 0; i < 16 * 1024; i++)
            _table.Match(Encoding.UTF8.GetBytes(TopicOf(i))); // as many as are remembered at first sight
        var batches = NewBatches();
        var (at, left) = (0, 0L);
        void RouteNext()
        {
            left += Route(router, batches.AsSpan(at, BatchesInATry));
            at += BatchesInATry;
        }

        RouteNext();
        var allocated = Allocations.LeastOf(RouteNext, Tries);

        Assert.Equal(0, allocated);
        Assert.Equal(100L * at * PacketSize, left);
    }

    [Fact]
    public void What_is_not_remembered_is_matched_together_without_an_allocation()
    {
        // As many as are remembered at first sight.
        for (var i = 0; i < 16 * 1024; i++)
            _table.Match(Encoding.UTF8.GetBytes(TopicOf(i)));
        var batches = NewBatches();
        var matches = default(Answers);
        var (at, found) = (0, 0);
        void MatchNext()
        {
            foreach (var batch in batches.AsSpan(at, BatchesInATry))
                found += Match(batch, matches);
            at += BatchesInATry;
        }

        MatchNext();
        var allocated = Allocations.LeastOf(MatchNext, Tries);

        Assert.Equal(0, allocated);
        Assert.Equal(100 * at, found);
    }

    [Fact]
    public void Filters_of_one_gateway_share_one_route()
    {
        var one = _table.Match(Encoding.UTF8.GetBytes(TopicOf(1)));

        Assert.Same(one, _table.Match(Encoding.UTF8.GetBytes(TopicOf(2))));
        _table.Apply([new RouteChange(FilterOf(1), RouteChange.ToGateway(_gateway.Downlink.GatewayId), RouteOptions.None)]);
        Assert.True(_table.Match(Encoding.UTF8.GetBytes(TopicOf(1))).IsEmpty);
        Assert.Same(one, _table.Match(Encoding.UTF8.GetBytes(TopicOf(2))));
    }

    private static int PacketSize => 2 + 2 + TopicOf(0).Length + "payload".Length;

    private static string FilterOf(int number) => $"site/{number:D7}/+";

    private static string TopicOf(int number) => $"site/{number:D7}/v";

    /// <summary>One to warm up and the tries, each with topics that did not come before.</summary>
    private static PublicationBatch[] NewBatches() =>
        [.. Enumerable.Range(170, (1 + Tries) * BatchesInATry).Select(Batch)];

    private static PublicationBatch Batch(int number)
    {
        var batch = new PublicationBatch { Source = new PublicationSource("p") };
        for (var i = 0; i < 100; i++)
            batch.Records.Add(new MessageRecord(Records.Of(TopicOf((number * 100) + i), "payload")));
        return batch;
    }

    private long Route(Router router, ReadOnlySpan<PublicationBatch> batches)
    {
        var left = 0L;
        foreach (var batch in batches)
        {
            Assert.True(router.Route(batch).AsTask().IsCompletedSuccessfully);
            left += _wire.Discard();
        }

        return left;
    }

    private int Match(PublicationBatch batch, Span<RouteMatch> matches)
    {
        var found = 0;
        var group = new RecordGroup(batch.Records.Bytes);
        while (group.MoveNext())
        {
            _table.Match(group, matches);
            foreach (var match in matches[..group.Count])
                found += match.Gateways.Length;
        }

        return found;
    }

    [InlineArray(RecordGroup.Most)]
    private struct Answers
    {
        private RouteMatch _first;
    }
}
