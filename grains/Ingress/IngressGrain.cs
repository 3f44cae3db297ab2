using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Ingress;

/// <summary>
/// The silo's end of a lane. A stateless worker, so that it runs in the silo to which the gateway is connected and the
/// envelope takes no second hop; reentrant, since a lane has one call under way anyway.
/// </summary>
[StatelessWorker(1, removeIdleWorkers: false), Reentrant, GrainDirectory(NoDirectory.Name)]
internal sealed class IngressGrain(Router router, RouteReplica routes, ILogger<IngressGrain> log) : Grain, IIngressGrain
{
    private long _last = -1;
    private Task<IngressAnswer>? _answer;

    public Task<IngressAnswer> Publish(PublicationEnvelope envelope)
    {
        if (!envelope.IsAcknowledged)
            return RouteAsync(envelope);

        // Come again while, or after, it was taken in: the same answer. Something older has been answered long ago, elsewhere.
        if (envelope.Sequence < _last)
            throw new InvalidOperationException($"Envelope {envelope.Sequence} comes after {_last}.");
        if (envelope.Sequence == _last && !_answer!.IsFaulted)
            return _answer;

        _last = envelope.Sequence;
        return _answer = RouteAsync(envelope);
    }

    public Task<IngressAnswer> Announce(PublicationEnvelope envelope) => RouteAsync(envelope);

    private async Task<IngressAnswer> RouteAsync(PublicationEnvelope envelope)
    {
        await routes.Filled;
        if (envelope.IsAcknowledged)
            await router.WaitForRoom();

        var held = envelope.Holder is { } holder
            ? new HeldRecords(holder, envelope.Lane, envelope.Sequence, envelope.Records.Bytes, envelope.TakesReferences)
            : null;
        var announcements = envelope.Announced is null ? null : new Announcements(router, envelope, held!);
        var sources = new Dictionary<string, PublicationSource>();
        var batches = new PublicationBatch[envelope.ClientIds.Length];
        var routing = new Task[batches.Length];
        var at = 0;
        for (var i = 0; i < batches.Length; i++)
        {
            if (announcements?.Take(i, at) == true)
            {
                at += envelope.Lengths[i];
                continue;
            }

            // One source a client: when a segment of it fails, the later ones of this envelope fail with it.
            var clientId = envelope.ClientIds[i];
            if (!sources.TryGetValue(clientId, out var source))
                sources.Add(clientId, source = new PublicationSource(clientId));

            batches[i] = new PublicationBatch
            {
                Source = source,
                Records = RecordBlock.Borrow(envelope.Records.Bytes.Slice(at, envelope.Lengths[i]), envelope.Counts[i]),
                Held = held,
            };
            at += envelope.Lengths[i];
            routing[i] = Route(batches[i]);
        }

        // The gateway lets go of the records when it has the answer.
        if (held is not null)
        {
            held.Send?.Invoke();
            await held.Delivered;
        }

        // What QoS 0 leaves in a session's lane is bounded there; no lane of a gateway waits for the store with it.
        if (!envelope.IsAcknowledged)
            return AnswerOf(held, announcements);

        await Task.WhenAll(routing).ContinueWith(_ => { }, TaskScheduler.Current); // each is looked at below
        return AnswerOf(batches, routing);
    }

    private static IngressAnswer AnswerOf(HeldRecords? held, Announcements? announcements)
    {
        int[]? own = held?.WithAnswer is { Count: > 0 } references ? [.. references] : null;
        var wanted = announcements?.Wanted;
        return own is null && wanted is null ? IngressAnswer.AllWell : new() { References = own, Wanted = wanted };
    }

    private Task Route(PublicationBatch batch)
    {
        try
        {
            return batch.Source.HasFailed
                ? Task.FromException(new IOException("An earlier message of the same client could not be routed."))
                : router.Route(batch).AsTask();
        }
        catch (Exception failure)
        {
            batch.Source.Fail();
            return Task.FromException(failure);
        }
    }

    private IngressAnswer AnswerOf(PublicationBatch[] batches, Task[] routing)
    {
        var failed = Array.ConvertAll(routing, task => !task.IsCompletedSuccessfully);
        foreach (var task in routing.Where(task => task.IsFaulted))
            log.EnvelopeSegmentFailed(task.Exception!.GetBaseException().Message);

        var verdicts = batches
            .SelectMany(batch => Enumerable.Range(0, batch.Count).Select(index => (byte)batch[index]))
            .ToArray();
        var isAllWell = Array.TrueForAll(verdicts, verdict => verdict == (byte)ReasonCode.Success);
        return isAllWell && !failed.Contains(true)
            ? IngressAnswer.AllWell
            : new IngressAnswer { Verdicts = isAllWell ? null : verdicts, Failed = failed.Contains(true) ? failed : null };
    }
}
