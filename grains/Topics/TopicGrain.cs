using System.Text;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Mqtt.Grains.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Grains.Topics;

/// <summary>
/// The application's face of a topic. It holds nothing, so it runs in whichever silo it is called, and soon goes; reentrant,
/// since what waits for the store need not hold up a reader.
/// </summary>
[StatelessWorker(1, removeIdleWorkers: false), Reentrant, GrainDirectory(NoDirectory.Name), CollectionAgeLimit(Minutes = 2)]
internal sealed class TopicGrain(BrokerPublisher publisher, TimeProvider time) : Grain, ITopicGrain
{
    private string Topic => this.GetPrimaryKeyString();

    public Task<ReasonCode> Publish(Message message) => message.Topic.Length == 0 || message.Topic == Topic
        ? publisher.PublishAsync(message with { Topic = Topic }, clientId: "")
        : throw new ArgumentException($"The message is for '{message.Topic}', and this is '{Topic}'.");

    public async Task<Message?> ReadRetained()
    {
        if (!TopicName.IsValid(Topic))
            return null;

        var slice = RouteSlices.Of(Encoding.UTF8.GetBytes(Topic));
        var found = await GrainFactory.GetGrain<IRetainedGrain>(slice).Read([Topic]);
        return OnlyOne(found);
    }

    private Message? OnlyOne(MessageBatch found)
    {
        foreach (var record in found)
            return Message.From(record, time.GetUtcNow());
        return null;
    }
}
