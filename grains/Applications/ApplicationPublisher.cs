using System.Security.Cryptography;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Applications;

/// <summary>
/// One publisher inside the cluster: its messages are numbered in the order in which they are routed, so that a copy that is
/// handed over twice is told from two.
/// </summary>
internal sealed class ApplicationPublisher(Router router, RouteReplica routes, TimeProvider time)
{
    // One after the other from the number to the road: a message that comes late with a lower number would be taken for a
    // repetition.
    private Task _last = Task.CompletedTask;
    private Identity? _identity;

    public async Task<ReasonCode> PublishAsync(string topic, MqttMessage message)
    {
        await routes.Filled;
        if (message.QoS is not QoS.AtMostOnce)
            await router.WaitForRoom();

        var batch = new PublicationBatch { HasRetained = message.Retain };
        Task stored;
        var onItsWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Interlocked.Exchange(ref _last, onItsWay.Task);
        try
        {
            var identity = Current();
            batch.Source = identity.Source;
            batch.Records.Add(topic, message, identity.Publisher, ++identity.Sequence, time.GetUtcNow());
            await router.Admit(batch);
            stored = router.Route(batch).AsTask();
        }
        finally
        {
            onItsWay.SetResult();
        }

        await stored;
        var verdict = batch[0];
        batch.Records.Release();
        return verdict;
    }

    // After a failure another one, as a client does by connecting again: nothing later of the failed one is stored.
    private Identity Current() => _identity is { Source.HasFailed: false } current ? current : _identity = new Identity(time);

    private sealed class Identity(TimeProvider time)
    {
        // The highest bit marks the publishers of wills.
        private const ulong NotAWill = 0x7FFF_FFFF_FFFF_FFFF;

        public ulong Publisher { get; } = (BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) & NotAWill) | 1;

        public PublicationSource Source { get; } = new("");

        public ulong Sequence { get; set; } =
            Sequences.FirstOf((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
    }
}
