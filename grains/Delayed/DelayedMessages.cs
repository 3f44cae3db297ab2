using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>Has messages to <c>$delayed/...</c> stored by the slices that publish them when their time has come.</summary>
internal sealed class DelayedMessages(
    IGrainFactory grains, IOptions<DelayedOptions> options, IOptions<SessionOptions> sessions, TimeProvider time,
    ILogger<DelayedMessages> log)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether a message to the topic is to wait. Asked of every message.</summary>
    public bool Takes(ReadOnlySpan<byte> topic) =>
        topic[0] == '$' && Protocol.Topics.DelayedTopic.IsDelayed(topic) && options.Value.Enabled;

    public DelayedRun Begin(PublicationBatch batch) => new(this, batch, options.Value, time);

    /// <summary>Ends when the slice has stored them; gives its verdicts.</summary>
    public async Task<ReasonCode[]?> KeepAsync(int slice, MessageBatch batch, PublicationSource source)
    {
        var began = time.GetTimestamp();
        var repeatable = batch;
        while (true)
        {
            try
            {
                return await grains.GetGrain<IDelayedGrain>(slice).Keep(repeatable);
            }
            catch (Exception failure)
                when (!source.Gone.IsCancellationRequested && time.GetElapsedTime(began) < sessions.Value.StorePatience)
            {
                log.DelayFailed(repeatable.Count, failure.Message);
            }

            // QoS 0 has no identity by which a repetition is known, and need not be repeated.
            repeatable = AcknowledgedOf(batch);
            if (repeatable.Count == 0)
                return null;
            await Task.Delay(_pause, time);
        }
    }

    private static MessageBatch AcknowledgedOf(MessageBatch batch)
    {
        var block = new RecordBlock();
        foreach (var record in batch)
        {
            if (record.QoS is not QoS.AtMostOnce)
                block.Add(record);
        }

        return MessageBatch.From(block);
    }
}
