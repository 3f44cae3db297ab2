using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Grains.Topics;

/// <summary>Has the retained messages of a batch stored by the slices that own their topics.</summary>
internal sealed class RetainedMessages(
    IGrainFactory grains, IOptions<SessionOptions> options, TimeProvider time, ILogger<RetainedMessages> log)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Ends when all are stored. Keeping the same message twice is as good as once, so a failed call is repeated.</summary>
    public async ValueTask Keep(PublicationBatch batch)
    {
        await Task.WhenAll(RetainedWrites.Of(batch).Select(slice => KeepAsync(slice.Key, slice.Value, batch.Source)));
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
