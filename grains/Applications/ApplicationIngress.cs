using System.IO.Hashing;
using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Grains.Applications;

/// <summary>Where messages of applications come into this silo: as those of a few publishers, each of which keeps its order.</summary>
internal sealed class ApplicationIngress
{
    // A publisher waits for the store with each retained message. This many, that topics seldom wait for each other.
    private const int Publishers = 64;

    private readonly ApplicationPublisher[] _publishers;
    private readonly int _most;
    private int _unanswered;

    public ApplicationIngress(
        Router router, RouteReplica routes, IOptions<ApplicationOptions> options, TimeProvider time)
    {
        _most = options.Value.MaximumUnanswered;
        _publishers = [.. Enumerable.Range(0, Publishers).Select(_ => new ApplicationPublisher(router, routes, time))];
    }

    /// <summary>The verdict, when the message is as safe as it gets.</summary>
    public async Task<ReasonCode> PublishAsync(string topic, MqttMessage message)
    {
        if (!TopicName.IsValid(topic))
            return ReasonCode.TopicNameInvalid;
        if (topic.StartsWith("$SYS/", StringComparison.Ordinal))
            return ReasonCode.NotAuthorized; // only the broker publishes there

        MqttMessages.Demand(message);
        try
        {
            return Interlocked.Increment(ref _unanswered) > _most
                ? ReasonCode.QuotaExceeded
                : await Of(topic).PublishAsync(topic, message);
        }
        finally
        {
            Interlocked.Decrement(ref _unanswered);
        }
    }

    private ApplicationPublisher Of(string topic) =>
        _publishers[XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(topic)) % Publishers];
}
