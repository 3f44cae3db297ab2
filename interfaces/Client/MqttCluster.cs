using Orleans.Mqtt.Client.Watching;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Client;

/// <summary>The broker as application code has it, in a silo or in a process of its own: topics, sessions, what is said.</summary>
public sealed class MqttCluster
{
    private readonly IGrainFactory _grains;
    private readonly WatchLink _link;
    private readonly TimeProvider _time;

    internal MqttCluster(IGrainFactory grains, WatchLink link, TimeProvider time)
    {
        _grains = grains;
        _link = link;
        _time = time;
    }

    public ITopicGrain Topic(string name) => _grains.GetTopic(name);

    public ISessionGrain Session(string clientId) => _grains.GetSession(clientId);

    /// <summary>See <see cref="ITopicGrain.Publish"/>.</summary>
    public Task<ReasonCode> PublishAsync(Message message) => Topic(message.Topic).Publish(message);

    /// <summary>The retained messages of all topics that match.</summary>
    public async Task<IReadOnlyList<Message>> ReadRetainedAsync(string filter)
    {
        if (!TopicFilter.IsValid(filter))
            throw new ArgumentException($"'{filter}' is no filter.", nameof(filter));

        var found = await _grains.ReadRetained([new Subscription { Filter = filter }]);
        return Read(found);
    }

    /// <summary>
    /// Hears what is published from now on to topics that match: when the task has ended, every message whose publisher begins
    /// after that. Routes are stored and silos find this process by its lease, so the loss of a silo ends no watch.
    /// </summary>
    /// <exception cref="ArgumentException">It is no filter, or a shared or exclusive one.</exception>
    public Task<TopicWatch> WatchAsync(string filter, CancellationToken cancellationToken = default) =>
        _link.WatchAsync(filter, cancellationToken);

    private List<Message> Read(MessageBatch batch)
    {
        var messages = new List<Message>(batch.Count);
        foreach (var record in batch)
            messages.Add(Message.From(record, _time.GetUtcNow()));
        return messages;
    }
}
