using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Cluster;

/// <summary>Which retained messages to list.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.retained-query")]
public sealed record RetainedQuery
{
    /// <summary>Only topics that match it. "#" leaves out what begins with '$', as a subscription does.</summary>
    [Id(0)]
    public string Filter { get; init; } = "#";

    /// <summary>Only topics behind this one, in <see cref="CodePointOrder"/>.</summary>
    [Id(1)]
    public string After { get; init; } = "";

    [Id(2)]
    public int Limit { get; init; } = Paging.DefaultLimit;
}

/// <summary>A part of the list of retained messages, in order of their topics.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.retained-page")]
public sealed record RetainedPage
{
    [Id(0)]
    public required RetainedSummary[] Messages { get; init; }

    /// <summary>Ask for what is behind this; null at the end of the list.</summary>
    [Id(1)]
    public string? Next { get; init; }
}

/// <summary>One retained message in a list; its payload is not in it.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.retained-summary")]
public sealed record RetainedSummary(
    [property: Id(0)] string Topic, [property: Id(1)] QoS QoS, [property: Id(2)] int PayloadLength);
