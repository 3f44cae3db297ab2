using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Grains.Ingress;

/// <summary>
/// Publishes for those who have no connection: applications and operators. A silo is a few publishers, so that a hand-over
/// that is repeated is told from a new message (promise P2); what each hands in, it hands in one after the other.
/// </summary>
internal sealed class BrokerPublisher(
    IIngress router, RouteReplica routes, IOptions<ApplicationOptions> options, TimeProvider time)
{
    // A lane waits for the store with each retained message; topics that share one wait for each other.
    private const int Lanes = 64;

    private readonly PublisherLane[] _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new PublisherLane(router, time))];
    private int _unanswered;

    /// <summary>Returns the verdict of a PUBACK when the message is as safe as one makes it.</summary>
    public async Task<ReasonCode> PublishAsync(Message message, string clientId)
    {
        if (message.Judge() is var verdict && verdict.IsError())
            return verdict;
        if (message.Topic is ['$', ..] && SysTopic.Is(DelayedTopic.TargetOf(Encoding.UTF8.GetBytes(message.Topic))))
            return ReasonCode.NotAuthorized; // only the broker itself speaks there, now or later

        try
        {
            if (Interlocked.Increment(ref _unanswered) > options.Value.MaximumUnanswered)
                return ReasonCode.QuotaExceeded;

            await routes.Filled;
            return await LaneOf(message.Topic).PublishAsync(message, clientId);
        }
        finally
        {
            Interlocked.Decrement(ref _unanswered);
        }
    }

    private PublisherLane LaneOf(string topic) =>
        _lanes[XxHash3.HashToUInt64(MemoryMarshal.AsBytes(topic.AsSpan())) % Lanes];
}
