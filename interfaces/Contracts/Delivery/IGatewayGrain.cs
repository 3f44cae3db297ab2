namespace Orleans.Mqtt.Delivery;

/// <summary>The lease of one gateway (key: gateway id). When it ends, the gateway's routes go and its sessions close.</summary>
[Alias("mqtt.gateway")]
public interface IGatewayGrain : IGrainWithStringKey
{
    /// <summary>
    /// Says that the gateway lives; to be called well within <paramref name="lease"/>. Every silo that is active when the
    /// call returns can reach it: through <paramref name="observer"/>, or directly when that is null.
    /// </summary>
    [Alias("renew")]
    Task<LeaseAnswer> Renew(TimeSpan lease, IGatewayObserver? observer);

    /// <summary>Ends the lease: routes are removed and sessions told, so that wills are published. Idempotent.</summary>
    [Alias("end")]
    Task End();
}

/// <summary>What a gateway learns when it renews its lease.</summary>
/// <param name="IsAlive">False when the lease has ended: the gateway must close its connections and begin a new life.</param>
/// <param name="ClusterVersion">
/// Rises when silos come or go. Sessions may have lost what they held in memory: the gateway resumes those it serves.
/// </param>
[GenerateSerializer, Immutable, Alias("mqtt.lease-answer")]
public readonly record struct LeaseAnswer([property: Id(0)] bool IsAlive, [property: Id(1)] long ClusterVersion);
