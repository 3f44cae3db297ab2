namespace Orleans.Mqtt.Tests.Cluster.Nodes;

/// <summary>What a cluster is made of.</summary>
internal sealed record ClusterPlan
{
    public int Silos { get; init; } = 3;

    public int Gateways { get; init; } = 2;

    /// <summary>A store that the test runs itself, as --redis names it; without it the cluster has a redis-server of its own.</summary>
    public string? Store { get; init; }

    /// <summary>Variables of the environment of every process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Settings of redis.conf beyond the usual, a switch and a value each.</summary>
    public string[] RedisSettings { get; init; } = [];

    /// <summary>Settings of every silo beyond the usual.</summary>
    public string[] SiloSettings { get; init; } = [];

    /// <summary>Settings of every gateway beyond the usual.</summary>
    public string[] GatewaySettings { get; init; } = [];

    /// <summary>
    /// Every line between two processes runs through a <see cref="TcpProxy"/>, so that it can be cut; costs time, so what
    /// measures does without.
    /// </summary>
    public bool HasProxies { get; init; }
}
