namespace Orleans.Mqtt.Delivery;

/// <summary>The gateways that this silo can reach.</summary>
public interface IGatewayDirectory
{
    /// <summary>Makes a gateway known to the router of this silo.</summary>
    void Attach(IGatewayPort gateway);

    /// <summary>Forgets a gateway; what is on its way to it is lost as if the connection had been.</summary>
    void Detach(string gatewayId);
}
