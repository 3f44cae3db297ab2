using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Topics;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Mirroring;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Tests.Unit.Grains.Sessions;
using Orleans.Mqtt.Tests.Unit.Grains.Sharing;
using Orleans.Mqtt.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Routing;

public class RouterTests
{
    private readonly SlowSession _session = new();
    private readonly RouteTable _table;
    private readonly Router _router;
    private readonly List<string> _kept = [];

    public RouterTests()
    {
        _table = new RouteTable(_session.NewLanes(), Shares.Routes());
        var retained = FakeGrain.Of<IRetainedGrain>((nameof(IRetainedGrain.Keep), args =>
        {
            foreach (var record in (MessageBatch)args[0]!)
                _kept.Add(Records.PayloadOf(record));
            return Task.CompletedTask;
        }));
        _router = NewRouter(_table, FakeGrains.Of(_ => retained));
    }

    internal static Router NewRouter(RouteTable table, IGrainFactory grains, ITrafficMirror? mirror = null)
    {
        var sessions = Options.Create(new SessionOptions());
        return new Router(
            table,
            new RetainedMessages(grains, sessions, new HastyTime(), NullLogger<RetainedMessages>.Instance),
            new DelayedMessages(
                grains, Options.Create(new DelayedOptions()), sessions, new HastyTime(), NullLogger<DelayedMessages>.Instance),
            new LinkRoom(),
            new BrokerMetrics(Meters.None),
            mirror);
    }

    [Fact]
    public void A_batch_is_one_run_a_gateway_with_what_it_wants_and_nothing_else()
    {
        var all = Gateway("1", "a", RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged);
        var qoS0Only = Gateway("2", "#", RouteOptions.LiveQoS0);
        var away = Gateway("3", "a", RouteOptions.LiveQoS0);
        _table.Detach("3");

        Assert.True(_router.Route(Batch(("a", "0", QoS.AtMostOnce), ("a", "1", QoS.AtLeastOnce), ("b", "2", QoS.AtMostOnce))).AsTask().IsCompleted);

        Assert.Equal(["0", "1"], all.Heard);
        Assert.Equal(["0", "2"], qoS0Only.Heard);
        Assert.Empty(away.Heard);
        Assert.Equal([(1, 1), (1, 1), (0, 0)], new[] { all, qoS0Only, away }.Select(port => (port.Runs, port.Completed)));
    }

    [Fact]
    public async Task A_batch_is_one_call_a_session_and_safe_when_the_session_has_it()
    {
        _table.Apply([new RouteChange("a/+", "s:1", (RouteOptions)QoS.AtLeastOnce)]);
        var batch = Batch(("a/1", "0", QoS.AtMostOnce), ("a/1", "1", QoS.AtLeastOnce), ("a/2", "2", QoS.ExactlyOnce), ("b", "3", QoS.AtLeastOnce));

        var stored = _router.Route(batch).AsTask();
        Assert.Equal(["1,2"], _session.Calls);
        Assert.False(stored.IsCompleted);
        _session.Answer(null, ReasonCode.QuotaExceeded, ReasonCode.Success);

        await stored.Soon();
        Assert.Equal(
            [ReasonCode.Success, ReasonCode.QuotaExceeded, ReasonCode.Success, ReasonCode.NoMatchingSubscribers],
            Enumerable.Range(0, 4).Select(i => batch[i]));
    }

    [Fact]
    public async Task A_share_gets_what_is_acknowledged_in_its_queue_and_the_rest_as_it_passes()
    {
        var port = new TestPort("1");
        _table.Attach(port);
        _table.Apply(
        [
            new RouteChange("a", RouteChange.ToShareMembers("1", "g"), RouteOptions.LiveQoS0, 2, 7),
            new RouteChange("a", RouteChange.ToShareQueue("g"), (RouteOptions)QoS.AtLeastOnce),
            new RouteChange("a", RouteChange.ToShareMembers("1", "live"), RouteOptions.LiveQoS0, 1, 8),
        ]);
        var batch = Batch(("a", "0", QoS.AtMostOnce), ("a", "1", QoS.AtMostOnce), ("a", "2", QoS.ExactlyOnce));

        var stored = _router.Route(batch).AsTask();

        Assert.Equal(["0@7/0", "0@8/0", "1@7/1", "1@8/0", "2@8/0"], port.Heard.Order());
        Assert.Equal(["2"], _session.Calls);
        Assert.Equal(QoS.ExactlyOnce, _session.LastQoS); // each member is granted its own
        _session.Answer(null, ReasonCode.QuotaExceeded);
        await stored.Soon();
        Assert.Equal(ReasonCode.QuotaExceeded, batch[2]);
    }

    [Fact]
    public async Task Retained_messages_are_kept_when_they_are_admitted()
    {
        var batch = new PublicationBatch { HasRetained = true };
        batch.Records.Add(new MessageRecord(Records.Of("a", "live")));
        batch.Records.Add(new MessageRecord(Records.Of("a", "kept", flags: RecordFlags.Retain)));

        await _router.Admit(batch);

        Assert.Equal(["kept"], _kept);
    }

    [Fact]
    public async Task A_mirror_does_not_hear_what_waits()
    {
        var mirror = new FakeMirror();
        var slice = FakeGrain.Of<IDelayedGrain>((nameof(IDelayedGrain.Keep), _ => Task.FromResult<ReasonCode[]?>(null)));
        var router = NewRouter(_table, FakeGrains.Of(_ => slice), mirror);

        await router.Route(Batch(("$delayed/5/a", "later", QoS.AtLeastOnce), ("a", "now", QoS.AtLeastOnce))).AsTask().Soon();

        Assert.Equal(["now"], mirror.Heard);
    }

    [Fact]
    public async Task A_mirror_hears_each_message_once_and_may_hold_back_the_acknowledgement()
    {
        var mirror = new FakeMirror();
        var router = NewRouter(_table, FakeGrains.Of<IRetainedGrain>(_ => throw new NotSupportedException()), mirror);
        var one = Gateway("1", "a", RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged);
        var other = Gateway("2", "#", RouteOptions.LiveQoS0);

        Assert.True(router.Route(Batch(("a", "0", QoS.AtMostOnce), ("b", "1", QoS.AtLeastOnce))).AsTask().IsCompletedSuccessfully);
        var safe = new TaskCompletionSource();
        mirror.Safe = safe.Task;
        var waiting = router.Route(Batch(("a", "2", QoS.AtLeastOnce))).AsTask();

        Assert.Equal(["0", "1", "2"], mirror.Heard);
        Assert.Equal(["0", "2"], one.Heard); // subscribers do not wait for it
        Assert.Equal(["0"], other.Heard);
        Assert.False(waiting.IsCompleted);
        safe.SetResult();
        await waiting.Soon();
    }

    private static PublicationBatch Batch(params (string Topic, string Payload, QoS QoS)[] messages)
    {
        var batch = new PublicationBatch { Source = new PublicationSource("p") };
        foreach (var (topic, payload, qos) in messages)
            batch.Records.Add(new MessageRecord(Records.Of(topic, payload, qos)));
        return batch;
    }

    private TestPort Gateway(string id, string filter, RouteOptions options)
    {
        var port = new TestPort(id);
        _table.Attach(port);
        _table.Apply([new RouteChange(filter, RouteChange.ToGateway(id), options)]);
        return port;
    }
}
