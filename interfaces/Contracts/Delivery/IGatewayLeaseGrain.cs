namespace Orleans.Mqtt.Delivery;

/// <summary>
/// Where gateways say that they live (key: any number). Every silo has its own, so that no silo that dies takes the leases
/// with it, and one that cannot reach the store is passed by with another key.
/// </summary>
[Alias("mqtt.gateway-lease")]
public interface IGatewayLeaseGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Begins the lease of a gateway; silos reach it through <paramref name="observer"/>. To be renewed well within
    /// <paramref name="lease"/>.
    /// </summary>
    [Alias("begin"), ResponseTimeout("00:00:05")]
    Task<LeaseAnswer> Begin(string gatewayId, TimeSpan lease, IGatewayObserver observer);

    /// <summary>Says that the gateway lives. A silo that hangs must not cost the lease: another is asked soon.</summary>
    [Alias("renew"), ResponseTimeout("00:00:01")]
    Task<LeaseAnswer> Renew(string gatewayId, TimeSpan lease);
}

/// <summary>What a gateway learns when it renews its lease.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.lease-answer")]
public sealed record LeaseAnswer
{
    /// <summary>False when the lease has ended: the gateway must close its connections and begin a new life.</summary>
    [Id(0)]
    public required bool IsAlive { get; init; }

    /// <summary>Rises when silos come or go. Sessions may have lost what they held in memory.</summary>
    [Id(1)]
    public long ClusterVersion { get; init; }

    /// <summary>The store did not answer. Nobody can end a lease without it, so the gateway goes on as it is.</summary>
    [Id(2)]
    public bool IsStoreAway { get; init; }

    /// <summary>The silos that are active at this version.</summary>
    [Id(3)]
    public string[] Silos { get; init; } = [];
}
