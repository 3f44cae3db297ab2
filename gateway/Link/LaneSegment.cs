using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>The part of a lane's envelope that is one batch of one publisher.</summary>
internal sealed class LaneSegment(PublicationBatch batch, bool isAcknowledged)
{
    private readonly PublicationBatch? _verdicts = isAcknowledged ? batch : null; // others are used again by then
    private readonly TaskCompletionSource? _done =
        isAcknowledged ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;

    // Where its records are in the batch; null when it has all of them.
    private List<int>? _places;

    public PublicationSource Source { get; } = batch.Source;

    public int Length { get; private set; }

    public int Count { get; private set; }

    /// <summary>Ends with the silo's answer where there is one to come.</summary>
    public Task Done => _done?.Task ?? Task.CompletedTask;

    /// <summary>QoS 0 is never sent twice; what is acknowledged is, unless its connection has gone.</summary>
    public bool IsAbandoned => !isAcknowledged || Source.Gone.IsCancellationRequested;

    private bool IsToBeSent => !Source.HasFailed;

    /// <summary>Copies the batch's records, or, of a mixed batch, those of the lane's kind.</summary>
    public void AppendTo(RecordBlock block, bool isMixed)
    {
        var before = (block.Length, block.Count);
        if (!isMixed)
        {
            block.AddAll(batch.Records.Bytes, batch.Count);
        }
        else
        {
            _places = [];
            var place = 0;
            foreach (var record in batch.Records)
            {
                if (record.QoS is not QoS.AtMostOnce == isAcknowledged)
                {
                    block.Add(record);
                    _places.Add(place);
                }

                place++;
            }
        }

        Length = block.Length - before.Length;
        Count = block.Count - before.Count;
    }

    /// <summary>Those that are still to be sent; their records stay in the block, the others fail.</summary>
    public static List<LaneSegment> Keep(List<LaneSegment> segments, ref RecordBlock block)
    {
        if (segments.TrueForAll(segment => segment.IsToBeSent))
            return segments;

        var kept = new List<LaneSegment>();
        var left = new RecordBlock();
        var at = 0;
        foreach (var segment in segments)
        {
            if (segment.IsToBeSent)
            {
                left.AddAll(block.Bytes.Slice(at, segment.Length), segment.Count);
                kept.Add(segment);
            }
            else
            {
                segment.Fail();
            }

            at += segment.Length;
        }

        block.Release();
        block = left;
        return kept;
    }

    /// <summary>Writes the verdicts, and ends the waits.</summary>
    public static void Finish(List<LaneSegment> segments, IngressAnswer? answer)
    {
        var at = 0;
        for (var i = 0; i < segments.Count; i++)
        {
            if (answer is null || answer.Failed?[i] == true)
                segments[i].Fail();
            else
                segments[i].Finish(answer.Verdicts, at);
            at += segments[i].Count;
        }
    }

    private void Finish(byte[]? verdicts, int at)
    {
        if (_done is null)
            return;

        for (var i = 0; verdicts is not null && i < Count; i++)
            _verdicts![_places is null ? i : _places[i]] = (ReasonCode)verdicts[at + i];
        _done.SetResult();
    }

    private void Fail()
    {
        if (_done is null)
            return; // QoS 0 is lost without a word, and what comes after it is not

        Source.Fail();
        _done.SetException(new IOException("The silos could not take the messages."));
    }
}
