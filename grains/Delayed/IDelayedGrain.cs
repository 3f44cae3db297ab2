using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Delayed;

/// <summary>Messages that wait for their time, of one slice of the topics that they are for (key: slice number).</summary>
[Alias("mqtt.delayed")]
internal interface IDelayedGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Takes in messages whose position is the time when they are due, in milliseconds since 1970. Returns when stored:
    /// null when all were taken, else one verdict a message. One that waits already, by publisher and sequence, is not taken
    /// again, nor is one of QoS 2 that was published.
    /// </summary>
    [Alias("keep")]
    Task<ReasonCode[]?> Keep(MessageBatch batch);

    /// <summary>The durable timer of the slice has come. Returns when everything that is due has been published.</summary>
    [Alias("publish-due")]
    Task PublishDue();
}
