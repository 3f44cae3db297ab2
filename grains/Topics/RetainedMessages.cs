using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Grains.Topics;

/// <summary>Has the retained messages of a batch stored by the slices that own their topics.</summary>
internal sealed class RetainedMessages(
    IGrainFactory grains, DelayedMessages delayed, IOptions<SessionOptions> options, TimeProvider time,
    ILogger<RetainedMessages> log)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Ends when all are stored. Keeping the same message twice is as good as once, so a failed call is repeated.</summary>
    public async ValueTask Keep(PublicationBatch batch)
    {
        var slices = new Dictionary<int, RecordBlock>();
        Gather(batch, slices);
        await Task.WhenAll(slices.Select(slice => KeepAsync(slice.Key, MessageBatch.From(slice.Value), batch.Source)));
    }

    private void Gather(PublicationBatch batch, Dictionary<int, RecordBlock> slices)
    {
        foreach (var record in batch.Records)
        {
            if (!record.Has(RecordFlags.Retain) || delayed.Takes(record.Topic))
                continue; // what is to wait is kept when it is published

            var slice = RouteSlices.Of(record.Topic);
            if (!slices.TryGetValue(slice, out var block))
                slices.Add(slice, block = new RecordBlock());
            block.Add(record);
        }
    }

    private async Task KeepAsync(int slice, MessageBatch batch, PublicationSource source)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                await grains.GetGrain<IRetainedGrain>(slice).Keep(batch);
                return;
            }
            catch (Exception failure)
                when (!source.Gone.IsCancellationRequested && time.GetElapsedTime(began) < options.Value.StorePatience)
            {
                log.KeepFailed(batch.Count, failure.Message);
            }

            await Task.Delay(_pause, time);
        }
    }
}
