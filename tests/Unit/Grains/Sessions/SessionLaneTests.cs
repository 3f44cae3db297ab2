using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

public class SessionLaneTests
{
    private readonly SlowSession _session = new();

    [Fact]
    public async Task One_call_is_in_flight_and_what_gathers_meanwhile_is_the_next_one_in_order()
    {
        var lane = _session.NewLane();
        var first = Publish(lane, new PublicationSource("p"), "1");
        var second = Publish(lane, new PublicationSource("p"), "2");
        var third = Publish(lane, new PublicationSource("q"), "3");
        Assert.Equal(["1"], _session.Calls);
        Assert.False(lane.IsIdle);

        _session.Answer();
        await first.Soon();
        Assert.Equal(["1", "2,3"], _session.Calls);
        Assert.False(second.IsCompleted);

        _session.Answer();
        await Task.WhenAll(second, third).Soon();
        Assert.True(lane.IsIdle);
    }

    [Fact]
    public async Task A_receipt_ends_when_all_lanes_have_answered_and_keeps_what_one_could_not_take()
    {
        var other = new SlowSession();
        var batch = BatchOf(new PublicationSource("p"), "1", "2");
        var receipt = new StorageReceipt(batch);
        var lanes = (One: _session.NewLane(), Other: other.NewLane());
        var index = 0;
        foreach (var record in batch.Records)
        {
            lanes.One.Add(record, QoS.AtLeastOnce, receipt, index);
            lanes.Other.Add(record, QoS.AtMostOnce, receipt, index++);
        }

        var stored = receipt.Collect().AsTask();
        _session.Answer(null, ReasonCode.Success, ReasonCode.QuotaExceeded);
        Assert.False(stored.IsCompleted);
        other.Answer();

        await stored.Soon();
        Assert.Equal(ReasonCode.Success, batch[0]);
        Assert.Equal(ReasonCode.QuotaExceeded, batch[1]);
    }

    [Fact]
    public async Task A_failure_that_lasts_fails_the_later_messages_of_the_same_source_too()
    {
        var lane = _session.NewLane();
        var source = new PublicationSource("p");
        var first = Publish(lane, source, "1");
        var second = Publish(lane, source, "2");

        _session.FailForEver();

        await Assert.ThrowsAsync<TimeoutException>(() => first.Soon());
        await Assert.ThrowsAsync<TimeoutException>(() => second.Soon());
        Assert.True(source.HasFailed);
        Assert.DoesNotContain("2", _session.Calls);

        _session.Recover();
        await Assert.ThrowsAsync<SourceFailedException>(() => Publish(lane, source, "3").Soon());
        await Publish(lane, new PublicationSource("q"), "4").Soon();
        Assert.Equal("4", _session.Calls[^1]);
    }

    [Fact]
    public async Task A_call_that_fails_is_repeated_with_the_same_records()
    {
        var lane = _session.NewLane();
        var first = Publish(lane, new PublicationSource("p"), "1");
        _session.Answer(new TimeoutException());
        await _session.CalledAsync(2).Soon();
        _session.Answer();

        await first.Soon();
        Assert.Equal(["1", "1"], _session.Calls);
    }

    [Fact]
    public async Task Nobody_waits_for_a_session_on_behalf_of_clients_that_have_gone()
    {
        using var gone = new CancellationTokenSource();
        var first = Publish(_session.NewLane(), new PublicationSource("p", gone.Token), "1");
        await gone.CancelAsync();

        _session.Answer(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => first.Soon());
        Assert.Single(_session.Calls);
    }

    [Fact]
    public async Task A_copy_carries_the_QoS_that_was_granted()
    {
        var lane = _session.NewLane();
        _session.Recover();
        var batch = BatchOf(new PublicationSource("p"), "1");
        var receipt = new StorageReceipt(batch);
        foreach (var record in batch.Records)
            lane.Add(record, QoS.AtLeastOnce, receipt, 0);
        await receipt.Collect().AsTask().Soon();

        Assert.Equal(QoS.AtLeastOnce, _session.LastQoS);
    }

    private static Task Publish(SessionLane lane, PublicationSource source, string payload)
    {
        var batch = BatchOf(source, payload);
        var receipt = new StorageReceipt(batch);
        foreach (var record in batch.Records)
            lane.Add(record, QoS.ExactlyOnce, receipt, 0);
        return receipt.Collect().AsTask();
    }

    private static PublicationBatch BatchOf(PublicationSource source, params string[] payloads)
    {
        var batch = new PublicationBatch { Source = source };
        foreach (var payload in payloads)
            batch.Records.Add(new MessageRecord(Records.Of(payload: payload, qos: QoS.ExactlyOnce)));
        return batch;
    }
}
