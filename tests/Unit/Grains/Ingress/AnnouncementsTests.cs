using Orleans.Mqtt.Grains.Ingress;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Sessions;
using Orleans.Mqtt.Tests.Unit.Grains.Sharing;
using Orleans.Mqtt.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Ingress;

/// <summary>What a silo says to announcements (decision 56).</summary>
public class AnnouncementsTests
{
    private const string Own = "1", Other = "2";
    private readonly RouteTable _table = new(new SlowSession().NewLanes(), Shares.Routes());
    private readonly Router _router;

    public AnnouncementsTests() => _router = NewRouter(mirror: null);

    [Theory]
    [InlineData("own", true)]
    [InlineData("nobody", true)]
    [InlineData("own/acknowledged", true)]
    [InlineData("stored", true)]
    [InlineData("both", false)]
    [InlineData("queued", false)]
    [InlineData("shared", false)]
    [InlineData("$delayed/5/own", false)]
    public void Only_what_nobody_else_is_to_have_stays_at_the_gateway(string topic, bool isToStay)
    {
        const RouteOptions Live = RouteOptions.LiveQoS0;
        _table.Apply(
        [
            new RouteChange("own/#", RouteChange.ToGateway(Own), Live),
            new RouteChange("own/acknowledged", RouteChange.ToGateway(Other), RouteOptions.LiveAcknowledged),
            new RouteChange("both", RouteChange.ToGateway(Own), Live),
            new RouteChange("both", RouteChange.ToGateway(Other), Live),
            new RouteChange("stored", "s:1", (RouteOptions)QoS.AtLeastOnce),
            new RouteChange("queued", "s:1", (RouteOptions)QoS.AtLeastOnce | RouteOptions.QueueQoS0),
            new RouteChange("shared", RouteChange.ToShareMembers(Own, "g"), Live, 2, 7),
        ]);

        Assert.Equal(isToStay, _router.LeadsOnlyTo(Own, Topic(topic), "publisher"));
        Assert.False(_router.LeadsOnlyTo(Own, [.. Topic(topic), .. Topic("both")], "publisher"));
        Assert.False(NewRouter(new FakeMirror()).LeadsOnlyTo(Own, Topic(topic), "publisher"));
    }

    [Fact]
    public void What_is_wanted_is_not_overtaken_and_what_else_is_here_is_referred_to_where_the_gateway_has_it()
    {
        _table.Apply([new RouteChange("both", RouteChange.ToGateway(Other), RouteOptions.LiveQoS0)]);
        byte[][] segments = [Topic("own"), Topic("whole", "payload"), Topic("both"), Topic("own"), Topic("whole", "late"), Topic("own")];
        var envelope = new PublicationEnvelope
        {
            Records = new MessageBatch(segments.SelectMany(segment => segment).ToArray(), segments.Length),
            ClientIds = ["alice", "carol", "bob", "bob", "bob", "alice"],
            Lengths = [.. segments.Select(segment => segment.Length)],
            Counts = [1, 1, 1, 1, 1, 1],
            Announced = [1000, 0, 2000, 3000, 0, 4000],
        };
        var held = new HeldRecords(Own, lane: 3, sequence: 4, envelope.Records.Bytes, isTakenWithAnswer: true);
        var announcements = new Announcements(_router, envelope, held);
        var at = 0;
        var taken = new List<bool>();
        var references = new List<RecordReference>();
        for (var i = 0; i < segments.Length; i++)
        {
            taken.Add(announcements.Take(i, at));
            if (held.TryRefer(new MessageRecord(envelope.Records.Bytes.Span[at..]), out var reference) && !taken[i])
                references.Add(reference);
            at += segments[i].Length;
        }

        Assert.Equal([true, false, true, true, true, true], taken);
        Assert.Equal([2, 3, 4], announcements.Wanted!);
        var last = 1000 + segments[1].Length + 2000 + 3000 + segments[4].Length;
        Assert.Equal([0, 1000, last, 4000], held.WithAnswer!.ToArray());
        Assert.Equal([new RecordReference(3, 4, 1000, segments[1].Length)], references);
    }

    private static byte[] Topic(string topic, string payload = "") => Records.Of(topic, payload, QoS.AtMostOnce);

    private Router NewRouter(Orleans.Mqtt.Mirroring.ITrafficMirror? mirror) => RouterTests.NewRouter(
        _table, FakeGrains.Of<IRetainedGrain>(_ => throw new NotSupportedException()), mirror);
}
