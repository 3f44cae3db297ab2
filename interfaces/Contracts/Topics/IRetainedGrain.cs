using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Topics;

/// <summary>Retained messages of one slice of topics (key: slice number). Single writer of that slice.</summary>
[Alias("mqtt.retained")]
public interface IRetainedGrain : IGrainWithIntegerKey
{
    /// <summary>Keeps each record as the retained message of its topic; an empty payload clears. Returns when stored.</summary>
    [Alias("keep")]
    Task Keep(MessageBatch batch);

    /// <summary>The retained messages of this slice whose topics match any of the filters, each once.</summary>
    [Alias("read")]
    Task<MessageBatch> Read(string[] filters);

    /// <summary>Those of this slice that match, topics behind <see cref="RetainedQuery.After"/>, in order.</summary>
    [Alias("list")]
    Task<RetainedSummary[]> List(RetainedQuery query);

    /// <summary>Number of retained messages of this slice.</summary>
    [Alias("count")]
    Task<int> Count();
}
