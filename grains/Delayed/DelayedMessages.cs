using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>Has messages to <c>$delayed/...</c> stored by the slices that publish them when their time has come.</summary>
internal sealed class DelayedMessages(
    IGrainFactory grains, IOptions<DelayedOptions> options, IOptions<SessionOptions> sessions, TimeProvider time,
    ILogger<DelayedMessages> log)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether a message to the topic is to wait. Asked of every message.</summary>
    public bool Takes(ReadOnlySpan<byte> topic) =>
        topic[0] == '$' && DelayedTopic.IsDelayed(topic) && options.Value.Enabled;

    public DelayedRun Begin(PublicationBatch batch) => new(this, batch, options.Value, time);

    /// <summary>Ends when the slice has stored them; gives its verdicts.</summary>
    public async Task<ReasonCode[]?> KeepAsync(int slice, MessageBatch batch, PublicationSource source)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await grains.GetGrain<IDelayedGrain>(slice).Keep(batch);
            }
            catch (Exception failure)
                when (!source.Gone.IsCancellationRequested && time.GetElapsedTime(began) < sessions.Value.StorePatience)
            {
                log.DelayFailed(batch.Count, failure.Message);
            }

            await Task.Delay(_pause, time);
        }
    }

    /// <summary>The same for messages of QoS 0: they have no identity by which a repetition is known, and may be lost.</summary>
    public async Task KeepAtMostOnceAsync(int slice, MessageBatch batch)
    {
        try
        {
            await grains.GetGrain<IDelayedGrain>(slice).Keep(batch);
        }
        catch (Exception failure)
        {
            log.DelayedLost(batch.Count, failure.Message);
        }
    }
}
