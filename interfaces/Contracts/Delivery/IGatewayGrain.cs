namespace Orleans.Mqtt.Delivery;

/// <summary>The end of one gateway (key: gateway id): its routes go and its sessions close.</summary>
[Alias("mqtt.gateway")]
public interface IGatewayGrain : IGrainWithStringKey
{
    /// <summary>Ends the lease: routes are removed and sessions told, so that wills are published. Idempotent.</summary>
    [Alias("end")]
    Task End();
}
