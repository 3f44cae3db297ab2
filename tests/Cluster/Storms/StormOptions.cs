using Orleans.Mqtt.Tests.Cluster.Nodes;

namespace Orleans.Mqtt.Tests.Cluster.Storms;

/// <summary>What a storm does to a cluster.</summary>
internal sealed record StormOptions
{
    /// <summary>Gives the same faults in the same order again; when they meet which message, clocks decide.</summary>
    public int Seed { get; init; } = Random.Shared.Next(1, 1_000_000);

    /// <summary>How long faults go on.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(10);

    public int Clients { get; init; } = 500;

    /// <summary>Messages of one publisher a second, at most.</summary>
    public double Rate { get; init; } = 2;

    /// <summary>Those that may happen.</summary>
    public IReadOnlyList<FaultKind> Kinds { get; init; } = Enum.GetValues<FaultKind>();

    /// <summary>Where logs of the processes go when a promise was broken; none are kept without it.</summary>
    public string? Logs { get; init; }

    public ClusterPlan Plan { get; init; } = new() { HasProxies = true };
}
