using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Ingress;

/// <summary>One publisher inside the cluster, whose messages are numbered in the order in which they are routed.</summary>
internal sealed class PublisherLane(IIngress router, TimeProvider time)
{
    private readonly ulong _publisher = SessionLeases.NewPublisher(clientId: "");
    private ulong _sequence = Sequences.FirstOf(Clock.Microseconds(time));
    private Task _last = Task.CompletedTask;

    public async Task<ReasonCode> PublishAsync(Message message, string clientId)
    {
        var batch = new PublicationBatch { Source = new PublicationSource(clientId), HasRetained = message.Retain };
        if (message.QoS is not QoS.AtMostOnce)
            await router.WaitForRoom();

        await await HandInAsync(message, batch);
        return batch[0];
    }

    /// <summary>
    /// Returns when the order is fixed; the inner task ends when the message is safe. One after the other from the number to the
    /// road: a message that comes late with a lower number would be taken for a repetition.
    /// </summary>
    private async Task<Task> HandInAsync(Message message, PublicationBatch batch)
    {
        var onItsWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Interlocked.Exchange(ref _last, onItsWay.Task);
        try
        {
            var sequence = message.QoS is QoS.AtMostOnce ? 0 : ++_sequence;
            message.WriteTo(batch.Records, time.GetUtcNow(), _publisher, sequence);
            await router.Admit(batch);
            return router.Route(batch).AsTask();
        }
        finally
        {
            onItsWay.SetResult();
        }
    }
}
