using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Link;

public class SiloLaneTests
{
    private readonly ScriptedSilo _silo = new();
    private readonly SteppedTime _leaseTime = new();
    private readonly GatewayIdentity _identity = new();
    private readonly HeldEnvelopes _held = new();
    private readonly TestGateway _gateway = new();
    private readonly GatewayLease _lease;
    private readonly PublicationSource _alice = new("alice"), _bob = new("bob");

    public SiloLaneTests()
    {
        _leaseTime.Advance(TimeSpan.FromSeconds(1));
        _lease = new GatewayLease(Microsoft.Extensions.Options.Options.Create(new GatewayOptions()), _leaseTime);
        _lease.Renew(_leaseTime.GetTimestamp());
    }

    [Fact]
    public async Task What_a_client_said_after_a_message_that_failed_is_not_sent_and_fails_too()
    {
        var lanes = NewLanes();
        var first = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a1")).AsTask();
        var envelope = await _silo.NextAsync();
        var second = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a2")).AsTask();
        var other = lanes.Route(Batch(_bob, QoS.AtLeastOnce, "b1")).AsTask();
        envelope.Answer(new IngressAnswer { Failed = [true] });

        await Assert.ThrowsAsync<IOException>(() => first.Soon());
        await Assert.ThrowsAsync<IOException>(() => second.Soon());
        var next = await _silo.NextAsync();
        Assert.Equal(["b1"], next.Payloads);
        Assert.Equal(["bob"], next.Envelope.ClientIds);
        next.Answer(IngressAnswer.AllWell);
        await other.Soon();
    }

    [Fact]
    public async Task An_envelope_whose_outcome_is_unknown_is_sent_again_with_its_sequence_and_the_next_waits_for_it()
    {
        var lanes = NewLanes();
        var first = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a1")).AsTask();
        var lost = await _silo.NextAsync();
        var second = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a2")).AsTask();
        lost.Fail();

        var again = await _silo.NextAsync();
        Assert.Equal(["a1"], again.Payloads);
        Assert.Equal(lost.Envelope.Sequence, again.Envelope.Sequence);
        again.Answer(IngressAnswer.AllWell);
        await first.Soon();

        var next = await _silo.NextAsync();
        Assert.Equal(["a2"], next.Payloads);
        Assert.True(next.Envelope.Sequence > again.Envelope.Sequence);
        next.Answer(IngressAnswer.AllWell);
        await second.Soon();
    }

    [Fact]
    public async Task QoS_0_keeps_to_its_lane_also_when_it_comes_together_with_what_is_acknowledged()
    {
        var lanes = NewLanes();
        var batch = Batch(_alice, QoS.AtLeastOnce, "one");
        batch.Records.Add(new MessageRecord(Records.Of("t", "zero", QoS.AtMostOnce)));
        batch.Records.Add(new MessageRecord(Records.Of("t", "two", QoS.AtLeastOnce)));
        var stored = lanes.Route(batch).AsTask();

        Sent[] sent = [await _silo.NextAsync(), await _silo.NextAsync()];
        var unacknowledged = Assert.Single(sent, one => !one.Envelope.IsAcknowledged);
        Assert.Equal(["zero"], unacknowledged.Payloads);
        unacknowledged.Answer(IngressAnswer.AllWell);
        var acknowledged = Assert.Single(sent, one => one.Envelope.IsAcknowledged);
        Assert.Equal(["one", "two"], acknowledged.Payloads);

        // The verdicts find their way back to the places that the messages have in the batch.
        acknowledged.Answer(new IngressAnswer { Verdicts = [0, (byte)ReasonCode.QuotaExceeded] });
        await stored.Soon();
        Assert.Equal(ReasonCode.Success, batch[0]);
        Assert.Equal(ReasonCode.Success, batch[1]);
        Assert.Equal(ReasonCode.QuotaExceeded, batch[2]);
    }

    [Fact]
    public async Task A_full_lane_holds_up_whoever_brings_more()
    {
        var lanes = NewLanes(new SiloLaneOptions { Lanes = 1, MaximumWaitingBytes = 64 * 1024 });
        var first = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a1")).AsTask();
        var envelope = await _silo.NextAsync();
        var second = lanes.Route(Batch(_alice, QoS.AtLeastOnce, new string('x', 100_000))).AsTask();
        var room = lanes.WaitForRoom().AsTask();
        Assert.False(room.IsCompleted);

        envelope.Answer(IngressAnswer.AllWell);
        await room.Soon();
        (await _silo.NextAsync()).Answer(IngressAnswer.AllWell);
        await Task.WhenAll(first, second).Soon();
    }

    [Fact]
    public async Task Nothing_is_acknowledged_by_a_gateway_that_hung_until_it_is_known_that_it_was_not_given_up()
    {
        var lanes = NewLanes();
        var stored = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a1")).AsTask();
        _leaseTime.Advance(TimeSpan.FromSeconds(5));
        (await _silo.NextAsync()).Answer(IngressAnswer.AllWell);
        var next = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a2")).AsTask();

        _lease.Renew(asked: 1); // said before it hung
        await Assert.ThrowsAsync<TimeoutException>(
            () => stored.WaitAsync(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken));
        _lease.Renew(_leaseTime.GetTimestamp());

        await stored.Soon();
        (await _silo.NextAsync()).Answer(IngressAnswer.AllWell);
        await next.Soon();
    }

    [Fact]
    public async Task A_gateway_that_was_given_up_waits_for_nothing_once_its_connections_are_closed()
    {
        var lanes = NewLanes();
        var stored = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a1")).AsTask();
        _leaseTime.Advance(TimeSpan.FromSeconds(5));
        (await _silo.NextAsync()).Answer(IngressAnswer.AllWell);

        _lease.Lose();

        await stored.Soon();
    }

    [Fact]
    public async Task An_envelope_is_kept_for_references_to_it_until_it_is_answered()
    {
        var lanes = NewLanes();
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a1"));
        var first = await _silo.NextAsync();
        var reference = new RecordReference(first.Envelope.Lane, first.Envelope.Sequence, 0, first.Envelope.Records.Bytes.Length);

        Assert.Equal(_identity.Id, first.Envelope.Holder);
        Assert.Equal("a1", Held(reference));
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a2"));
        first.Answer(IngressAnswer.AllWell);

        var next = await _silo.NextAsync();
        Assert.Null(Held(reference));
        Assert.Equal("a2", Held(reference with { Sequence = next.Envelope.Sequence }));
    }

    [Fact]
    public async Task What_the_silo_found_to_be_for_this_gateway_is_delivered_before_the_next_envelope_leaves()
    {
        var wire = new Wire();
        _gateway.Subscribers.Add(
            LocalSubscription.Of(_gateway.Connect(wire), new Subscription { Filter = "t", QoS = QoS.AtLeastOnce }));
        var lanes = NewLanes();
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a1"));
        var first = await _silo.NextAsync();
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a2"));
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a3"));
        Assert.True(first.Envelope.TakesReferences);
        first.Answer(IngressAnswer.AllWell);

        var second = await _silo.NextAsync();
        Assert.Empty(wire.Said());
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a4"));
        var length = second.Envelope.Lengths[0];
        second.Answer(new IngressAnswer { References = [length, length] });
        await _silo.NextAsync();

        Assert.Equal(["PUBLISH t=a3"], wire.Said());
    }

    [Fact]
    public async Task A_silo_that_refers_to_what_it_was_not_sent_loses_an_envelope_and_not_the_lane()
    {
        var lanes = NewLanes();
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a1"));
        var first = await _silo.NextAsync();
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a2"));

        first.Answer(new IngressAnswer { References = [0, int.MaxValue] });

        Assert.Equal(["a2"], (await _silo.NextAsync()).Payloads);
    }

    [Fact]
    public async Task Each_lane_has_a_number_of_its_own()
    {
        var lanes = NewLanes();
        await lanes.Route(Batch(_alice, QoS.AtMostOnce, "a1"));
        var stored = lanes.Route(Batch(_alice, QoS.AtLeastOnce, "a2")).AsTask();
        Sent[] sent = [await _silo.NextAsync(), await _silo.NextAsync()];

        Assert.NotEqual(sent[0].Envelope.Lane, sent[1].Envelope.Lane);
        Array.ForEach(sent, one => one.Answer(IngressAnswer.AllWell));
        await stored.Soon();
    }

    private string? Held(in RecordReference reference)
    {
        if (!_held.TryLend(reference, out var loan))
            return null;

        using (loan)
        {
            var records = loan.Records;
            Assert.True(records.MoveNext());
            return Records.PayloadOf(records.Current);
        }
    }

    private static PublicationBatch Batch(PublicationSource source, QoS qos, string payload)
    {
        var batch = new PublicationBatch { Source = source };
        batch.Records.Add(new MessageRecord(Records.Of("t", payload, qos)));
        return batch;
    }

    private SiloLanes NewLanes(SiloLaneOptions? options = null) => new(
        FakeGrains.Of(_ => _silo.Grain),
        Microsoft.Extensions.Options.Options.Create(options ?? new SiloLaneOptions { Lanes = 1 }),
        new ClusterWatch(), _lease, _identity, _held, _gateway.Downlink, new GatewayMetrics(Meters.None), new HastyTime(), NullLogger<SiloLanes>.Instance);
}
