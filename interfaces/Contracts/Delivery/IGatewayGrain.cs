namespace Orleans.Mqtt.Delivery;

/// <summary>The lease of one gateway (key: gateway id). When it ends, the gateway's routes go and its sessions close.</summary>
[Alias("mqtt.gateway")]
public interface IGatewayGrain : IGrainWithStringKey
{
    /// <summary>
    /// Says that the gateway lives; to be called well within <paramref name="lease"/>. False when the lease has ended: the
    /// gateway must close its connections and begin again under another id.
    /// </summary>
    [Alias("renew")]
    Task<bool> Renew(TimeSpan lease);

    /// <summary>Ends the lease: routes are removed and sessions told, so that wills are published. Idempotent.</summary>
    [Alias("end")]
    Task End();
}
