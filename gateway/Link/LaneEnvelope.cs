using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// What a lane sends with one call: records of many clients, a segment each. Of QoS 0, a segment that is likely to come back as
/// a whole is only announced (decision 56): its topics go, and its records stay.
/// </summary>
internal sealed class LaneEnvelope(RecordBlock records, List<LaneSegment> segments)
{
    private RecordBlock? _sent; // when it is not all of them
    private int[]? _lengths, _announced;

    /// <summary>All of them; what the answer refers to.</summary>
    public RecordBlock Records => records;

    public List<LaneSegment> Segments => segments;

    public bool IsAnnounced => _announced is not null;

    /// <summary>Decides what is only announced. Where something is, all that goes is written into <paramref name="sent"/>.</summary>
    public void Announce(RecordBlock sent)
    {
        if (!segments.Exists(segment => segment.Source.IsLocal))
            return;

        _sent = sent;
        _lengths = new int[segments.Count];
        _announced = new int[segments.Count];
        var at = 0;
        for (var i = 0; i < segments.Count; i++)
        {
            var (segment, before) = (segments[i], sent.Length);
            var bytes = records.Bytes.Slice(at, segment.Length);
            if (segment.Source.IsLocal)
            {
                _announced[i] = segment.Length;
                AddTopics(bytes, sent);
            }
            else
            {
                sent.AddAll(bytes, segment.Count);
            }

            _lengths[i] = sent.Length - before;
            at += segment.Length;
        }
    }

    public PublicationEnvelope ToContract(long sequence, int lane, string holder, bool isAcknowledged) =>
        new()
        {
            Records = new MessageBatch((_sent ?? records).Memory, (_sent ?? records).Count),
            ClientIds = [.. segments.Select(segment => segment.Source.ClientId)],
            Lengths = _lengths ?? [.. segments.Select(segment => segment.Length)],
            Counts = [.. segments.Select(segment => segment.Count)],
            Sequence = sequence,
            IsAcknowledged = isAcknowledged,
            Holder = holder,
            Lane = lane,
            TakesReferences = !isAcknowledged, // its answer waits for the store, and live subscribers need not
            Announced = _announced,
        };

    /// <summary>No silo has answered. One that does not know what an announcement is is sent none any more.</summary>
    public void Lose(GatewayMetrics metrics)
    {
        metrics.LostInLane(records.Count);
        NoteReturns([]);
    }

    /// <summary>
    /// What the silo found to be for this gateway. A reference is what one publisher said in one read, and leaves before the next
    /// is looked at: what it is copied to is then still in the processor's caches when it is sent, and free again soon.
    /// </summary>
    public void Deliver(int[] references, IGatewayPort downlink)
    {
        for (var i = 0; i < references.Length; i += 2)
        {
            var run = downlink.Begin();
            foreach (var record in new RecordEnumerator(records.Bytes.Slice(references[i], references[i + 1])))
                run.Add(record);
            _ = run.Complete().AsTask(); // it is done when it returns: the downlink only writes
        }

        NoteReturns(references);
    }

    // What came back as a whole is likely to do so again.
    private void NoteReturns(int[] references)
    {
        var (at, next) = (0, 0);
        foreach (var segment in segments)
        {
            while (next < references.Length && references[next] < at)
                next += 2;
            segment.Source.NoteReturn(
                next < references.Length && references[next] == at && references[next + 1] == segment.Length);
            at += segment.Length;
        }
    }

    /// <summary>The segments that somebody else is to have, too, to be sent as they are.</summary>
    public LaneEnvelope Pick(int[] wanted)
    {
        var picked = new RecordBlock();
        var (at, next) = (0, 0);
        var chosen = new List<LaneSegment>(wanted.Length);
        for (var i = 0; i < segments.Count; i++)
        {
            if (next < wanted.Length && wanted[next] == i)
            {
                picked.AddAll(records.Bytes.Slice(at, segments[i].Length), segments[i].Count);
                chosen.Add(segments[i]);
                next++;
            }

            at += segments[i].Length;
        }

        return new LaneEnvelope(picked, chosen);
    }

    // One record a run on the same topic, which is most often the whole of it.
    private static void AddTopics(ReadOnlySpan<byte> bytes, RecordBlock sent)
    {
        ReadOnlySpan<byte> last = default;
        foreach (var record in new RecordEnumerator(bytes))
        {
            var topic = record.Topic;
            if (topic.SequenceEqual(last))
                continue;

            var head = sent.Add(MessageRecord.Measure(topic.Length, 0, 0));
            MessageRecord.WriteHeader(head, RecordFlags.None, topic.Length, 0, expiry: 0, record.Publisher, sequence: 0);
            topic.CopyTo(head[MessageRecord.HeaderSize..]);
            last = topic;
        }
    }
}
