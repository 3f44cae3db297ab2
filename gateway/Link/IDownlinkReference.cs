using Orleans.Mqtt.Delivery;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>How silos call this gateway.</summary>
internal interface IDownlinkReference
{
    /// <summary>Null when the silo is in this process and calls directly.</summary>
    IGatewayObserver? Observer { get; }

    /// <summary>Makes the gateway known where that needs no lease.</summary>
    void Attach();

    void Detach();
}

/// <summary>Silo and gateway in one process: the router has the downlink itself.</summary>
internal sealed class CoHosted(IGatewayDirectory directory, Downlink downlink) : IDownlinkReference
{
    public IGatewayObserver? Observer => null;

    public void Attach() => directory.Attach(downlink);

    public void Detach() => directory.Detach(downlink.GatewayId);
}

/// <summary>A gateway apart: silos hold a reference, which travels with the lease.</summary>
internal sealed class Apart(IClusterClient client, Downlink downlink) : IDownlinkReference
{
    // The reference lives as long as this object does: Orleans holds observers weakly.
    private readonly GatewayObserver _target = new(downlink);

    public IGatewayObserver? Observer { get; private set; }

    public void Attach() => Observer = client.CreateObjectReference<IGatewayObserver>(_target);

    public void Detach()
    {
        if (Observer is not null)
            client.DeleteObjectReference<IGatewayObserver>(Observer);
    }
}
