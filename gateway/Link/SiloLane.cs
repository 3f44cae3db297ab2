using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// One lane to the silos: batches of many connections gather while the last envelope is on its way. An idle lane sends at
/// once. What is to be acknowledged is sent again until its outcome is known; QoS 0 has a lane of its own and goes once.
/// </summary>
/// <remarks>
/// An envelope that is sent again, to another silo perhaps, while the first one is still at work with it, does no harm: the
/// next leaves when one of them has answered for all of it, so whatever the other does later comes with sequences that
/// every receiver has had.
/// </remarks>
internal sealed class SiloLane(
    int number, SiloChoice choice, bool isAcknowledged, SiloLaneOptions options, GatewayLease lease,
    GatewayIdentity identity, HeldEnvelopes held, IGatewayPort downlink, GatewayMetrics metrics, TimeProvider time, ILogger log)
{
    // What an envelope takes at full load: grown anew each time, it would be copied twice over.
    private const int KeptSize = 1024 * 1024;

    private readonly Lock _gate = new();
    private RecordBlock _filling = new();
    private RecordBlock? _spare;
    private RecordBlock _topics = new(); // what is sent instead of what is only announced
    private List<LaneSegment> _segments = [];
    private TaskCompletionSource? _room;
    private bool _isSending;
    private long _sequence;

    /// <summary>Bytes that have gathered.</summary>
    public int WaitingBytes
    {
        get
        {
            lock (_gate)
                return _filling.Length;
        }
    }

    /// <summary>Waits while more has gathered than may.</summary>
    public ValueTask WaitForRoom()
    {
        lock (_gate)
        {
            if (_filling.Length <= options.MaximumWaitingBytes)
                return ValueTask.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task);
        }
    }

    /// <summary>
    /// Takes in the records of a batch that are of the lane's kind. Ends, when they are to be acknowledged, when the silo
    /// has answered for them and their verdicts are written; else at once.
    /// </summary>
    public Task Add(PublicationBatch batch, bool isMixed)
    {
        var segment = new LaneSegment(batch, isAcknowledged);
        lock (_gate)
        {
            segment.AppendTo(_filling, isMixed);
            _segments.Add(segment);
            if (!_isSending)
            {
                _isSending = true;
                _ = SendAllAsync(); // each batch hears of its own outcome; the loop itself does not fail
            }
        }

        return segment.Done;
    }

    private async Task SendAllAsync()
    {
        while (TryTake(out var block, out var segments))
        {
            // A later message of a client must not be taken when an earlier one was not.
            var kept = LaneSegment.Keep(segments, ref block);
            if (kept.Count == 0)
                continue;

            var envelope = new LaneEnvelope(block, kept);
            if (!isAcknowledged)
                envelope.Announce(_topics);
            var (answer, isFree) = await SendAsync(envelope);
            if (answer?.Wanted is { } wanted)
                await SendAsync(envelope.Pick(wanted));
            Reuse(block, isFree);
            if (isAcknowledged)
                await lease.UntilKnownAsync();
            LaneSegment.Finish(kept, answer);
        }
    }

    /// <summary>The answer, null when there is none, and whether nobody reads the envelope's bytes any more.</summary>
    private async Task<(IngressAnswer? Answer, bool IsFree)> SendAsync(LaneEnvelope envelope)
    {
        held.Hold(number, ++_sequence, envelope.Records);
        var (answer, isOnlyOne) = await CallAsync(envelope);
        return (answer, held.Release(number) && isOnlyOne);
    }

    private bool TryTake(out RecordBlock block, out List<LaneSegment> segments)
    {
        lock (_gate)
        {
            block = _filling;
            segments = _segments;
            _room?.TrySetResult();
            _room = null;
            if (_segments.Count == 0)
                return _isSending = false;

            _filling = _spare ?? new RecordBlock();
            _spare = null;
            _segments = [];
            return true;
        }
    }

    private void Reuse(RecordBlock block, bool isFree)
    {
        if (!isFree)
        {
            _topics = new RecordBlock();
            return;
        }

        _topics.Clear(KeptSize);
        block.Clear(KeptSize);
        lock (_gate)
            _spare = block;
    }

    /// <summary>
    /// The answer, null when there is none, and whether the envelope went once: then its bytes are not on their way any more.
    /// </summary>
    private async Task<(IngressAnswer? Answer, bool IsOnlyOne)> CallAsync(LaneEnvelope envelope)
    {
        var contract = envelope.ToContract(_sequence, number, identity.Id, isAcknowledged);
        var began = time.GetTimestamp();
        var isOnlyOne = true;
        while (true)
        {
            try
            {
                var answer = await (envelope.IsAnnounced ? choice.Silo.Announce(contract) : choice.Silo.Publish(contract));
                if (!isAcknowledged)
                    envelope.Deliver(answer.References ?? [], downlink);
                return (answer, isOnlyOne);
            }
            catch (Exception failure)
            {
                isOnlyOne = false;
                log.SiloNotReached(failure.Message);
                var isHopeless = envelope.Segments.TrueForAll(segment => segment.IsAbandoned)
                    || time.GetElapsedTime(began) > options.Patience;
                if (isHopeless)
                {
                    envelope.Lose(metrics);
                    return (null, isOnlyOne);
                }
            }

            await Task.Delay(options.RetryPause, time);
        }
    }
}
