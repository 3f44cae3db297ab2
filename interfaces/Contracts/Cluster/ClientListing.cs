using Orleans.Mqtt.Delivery;

namespace Orleans.Mqtt.Cluster;

/// <summary>Which clients to list: those that are connected anywhere, and those whose session waits for them.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.client-query")]
public sealed record ClientQuery
{
    /// <summary>Only client ids that begin like this.</summary>
    [Id(0)]
    public string Prefix { get; init; } = "";

    /// <summary>Only those that are connected, or only those that are not.</summary>
    [Id(1)]
    public bool? IsConnected { get; init; }

    /// <summary>Only client ids behind this one, in <see cref="CodePointOrder"/>.</summary>
    [Id(2)]
    public string After { get; init; } = "";

    [Id(3)]
    public int Limit { get; init; } = Paging.DefaultLimit;
}

/// <summary>A part of the list of clients, in order of their ids.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.client-page")]
public sealed record ClientPage
{
    [Id(0)]
    public required ClientSummary[] Clients { get; init; }

    /// <summary>Ask for what is behind this; null at the end of the list.</summary>
    [Id(1)]
    public string? Next { get; init; }

    /// <summary>Gateways that did not answer in time: their clients may be missing, or listed as not connected.</summary>
    [Id(2)]
    public string[] Unreachable { get; init; } = [];
}

/// <summary>One client in a list.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.client-summary")]
public sealed record ClientSummary
{
    [Id(0)]
    public required string ClientId { get; init; }

    /// <summary>Its session outlives its connection.</summary>
    [Id(1)]
    public bool IsPersistent { get; init; }

    /// <summary>Null while it is not connected.</summary>
    [Id(2)]
    public ConnectionInfo? Connection { get; init; }
}
