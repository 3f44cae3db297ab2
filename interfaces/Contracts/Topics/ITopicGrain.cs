using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Topics;

/// <summary>A topic as an application sees it (key: topic name). No client's access rules hold here: applications are trusted.</summary>
[Alias("mqtt.topic")]
public interface ITopicGrain : IGrainWithStringKey
{
    /// <summary>
    /// Publishes; the message may leave its topic empty, being given here. With QoS 1 and 2 it returns when the message is stored for every persistent session that is to have it
    /// (promise P1). The answer is what an MQTT 5 publisher is told: Success, NoMatchingSubscribers, or why not (from 0x80 on). A
    /// call that fails may have published all the same; whoever calls again may publish twice.
    /// </summary>
    [Alias("publish")]
    Task<ReasonCode> Publish(Message message);

    /// <summary>The retained message of the topic; null when there is none.</summary>
    [Alias("read-retained")]
    Task<Message?> ReadRetained();
}
