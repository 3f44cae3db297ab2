using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// One lane to the silos: batches of many connections gather while the last envelope is on its way. An idle lane sends at
/// once. What is to be acknowledged is sent again until its outcome is known; QoS 0 has a lane of its own and goes once.
/// </summary>
internal sealed class SiloLane(
    IGrainFactory grains, SiloLaneOptions options, GatewayMetrics metrics, TimeProvider time, ILogger log)
{
    // A key of its own for each lane: Orleans spreads keys over the silos that it is connected to.
    private readonly long _key = Random.Shared.NextInt64();

    private readonly Lock _gate = new();
    private readonly RecordBlock _filling = new();
    private List<Segment> _segments = [];
    private TaskCompletionSource? _room;
    private bool _isSending;

    /// <summary>Bytes that have gathered.</summary>
    public int WaitingBytes
    {
        get
        {
            lock (_gate)
                return _filling.Length;
        }
    }

    /// <summary>Nobody waits for these but for room in the lane.</summary>
    public ValueTask SendUnacknowledged(PublicationBatch batch)
    {
        lock (_gate)
        {
            Append(batch, verdicts: null, done: null);
            Start();
            if (_filling.Length <= options.MaximumWaitingBytes)
                return ValueTask.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task);
        }
    }

    /// <summary>Ends when the silo has answered for the batch, whose verdicts are then written.</summary>
    public ValueTask SendAcknowledged(PublicationBatch batch)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            Append(batch, batch, done);
            Start();
        }

        return new ValueTask(done.Task);
    }

    private void Append(PublicationBatch batch, PublicationBatch? verdicts, TaskCompletionSource? done)
    {
        var records = batch.Records;
        _filling.AddAll(records.Bytes, records.Count);
        _segments.Add(new Segment(batch.Source, records.Length, records.Count, verdicts, done));
    }

    private void Start()
    {
        if (_isSending)
            return;
        _isSending = true;
        _ = SendAllAsync(); // each batch hears of its own outcome; the loop itself does not fail
    }

    private async Task SendAllAsync()
    {
        while (TryTake(out var envelope, out var segments))
        {
            var answer = await SendAsync(envelope, segments);
            var at = 0;
            for (var i = 0; i < segments.Count; i++)
            {
                segments[i].Finish(answer, i, at);
                at += segments[i].Count;
            }
        }
    }

    private bool TryTake(out PublicationEnvelope envelope, out List<Segment> segments)
    {
        lock (_gate)
        {
            envelope = null!;
            segments = _segments;
            _room?.TrySetResult();
            _room = null;
            if (_segments.Count == 0)
                return _isSending = false;

            envelope = new PublicationEnvelope
            {
                Records = MessageBatch.From(_filling),
                ClientIds = [.. segments.Select(segment => segment.Source.ClientId)],
                Lengths = [.. segments.Select(segment => segment.Length)],
                Counts = [.. segments.Select(segment => segment.Count)],
            };
            _filling.Clear();
            _segments = [];
            return true;
        }
    }

    private async Task<IngressAnswer?> SendAsync(PublicationEnvelope envelope, List<Segment> segments)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await grains.GetGrain<IIngressGrain>(_key).Publish(envelope);
            }
            catch (Exception failure)
            {
                log.SiloNotReached(failure.Message);
                var isHopeless = segments.TrueForAll(segment => segment.IsAbandoned)
                    || time.GetElapsedTime(began) > options.Patience;
                if (isHopeless)
                {
                    metrics.LostInLane(envelope.Records.Count);
                    return null;
                }
            }

            await Task.Delay(options.RetryPause, time);
        }
    }

    private sealed record Segment(
        PublicationSource Source, int Length, int Count, PublicationBatch? Verdicts, TaskCompletionSource? Done)
    {
        /// <summary>QoS 0 is never sent twice; what is acknowledged is, unless its connection has gone.</summary>
        public bool IsAbandoned => Done is null || Source.Gone.IsCancellationRequested;

        /// <summary>Writes the verdicts of this segment, which begin at <paramref name="at"/>, and ends the wait.</summary>
        public void Finish(IngressAnswer? answer, int index, int at)
        {
            if (Done is null)
                return;

            if (answer is null || answer.Failed?[index] == true)
            {
                Source.Fail();
                Done.SetException(new IOException("The silos could not take the messages."));
                return;
            }

            for (var i = 0; answer.Verdicts is not null && i < Count; i++)
                Verdicts![i] = (ReasonCode)answer.Verdicts[at + i];
            Done.SetResult();
        }
    }
}
