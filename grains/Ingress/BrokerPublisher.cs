using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Ingress;

/// <summary>
/// Publishes for those who have no connection: applications and operators. A silo is one publisher, so that a hand-over
/// that is repeated is told from a new message (promise P2); what it hands in, it hands in one after the other.
/// </summary>
internal sealed class BrokerPublisher(IIngress router, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ulong _publisher = SessionLeases.NewPublisher(clientId: "");
    private ulong _sequence = Sequences.FirstOf(Clock.Microseconds(time));

    /// <summary>Returns the verdict of a PUBACK when the message is as safe as one makes it.</summary>
    public async Task<ReasonCode> PublishAsync(Message message, string clientId)
    {
        if (message.Judge() is var verdict && verdict.IsError())
            return verdict;

        var batch = new PublicationBatch { Source = new PublicationSource(clientId), HasRetained = message.Retain };
        await await HandInAsync(message, batch);
        return batch[0];
    }

    /// <summary>Returns when the order is fixed; the inner task ends when the message is safe.</summary>
    private async Task<Task> HandInAsync(Message message, PublicationBatch batch)
    {
        if (message is { QoS: QoS.AtMostOnce, Retain: false })
        {
            message.WriteTo(batch.Records, time.GetUtcNow(), _publisher);
            return router.Route(batch).AsTask();
        }

        await router.WaitForRoom();
        await _turn.WaitAsync();
        try
        {
            var sequence = message.QoS is QoS.AtMostOnce ? 0 : ++_sequence;
            message.WriteTo(batch.Records, time.GetUtcNow(), _publisher, sequence);
            await router.Admit(batch);
            return router.Route(batch).AsTask();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
