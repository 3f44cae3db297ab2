using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Ingress;

/// <summary>
/// The silo's end of a lane. A stateless worker, so that it runs in the silo to which the gateway is connected and the
/// envelope takes no second hop; reentrant, since a lane has one call under way anyway.
/// </summary>
[StatelessWorker(1), Reentrant]
internal sealed class IngressGrain(Router router, ILogger<IngressGrain> log) : Grain, IIngressGrain
{
    public async Task<IngressAnswer> Publish(PublicationEnvelope envelope)
    {
        var batches = new PublicationBatch[envelope.ClientIds.Length];
        var routing = new Task[batches.Length];
        var at = 0;
        for (var i = 0; i < batches.Length; i++)
        {
            var batch = batches[i] = new PublicationBatch { Source = new PublicationSource(envelope.ClientIds[i]) };
            batch.Records.AddAll(envelope.Records.Bytes.Span.Slice(at, envelope.Lengths[i]), envelope.Counts[i]);
            at += envelope.Lengths[i];
            routing[i] = await AdmitAndRouteAsync(batch);
        }

        await Task.WhenAll(routing).ContinueWith(_ => { }, TaskScheduler.Current); // each is looked at below
        return AnswerOf(batches, routing);
    }

    /// <summary>Returns when order is fixed; the inner task ends when the batch is safe.</summary>
    private async Task<Task> AdmitAndRouteAsync(PublicationBatch batch)
    {
        try
        {
            foreach (var record in batch.Records)
                batch.HasRetained |= record.Has(Messages.RecordFlags.Retain);
            if (batch.HasRetained)
                await router.Admit(batch);
            return router.Route(batch).AsTask();
        }
        catch (Exception failure)
        {
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
