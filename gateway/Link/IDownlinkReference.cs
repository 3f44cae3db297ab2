using Orleans.Mqtt.Delivery;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>How silos call this gateway.</summary>
internal interface IDownlinkReference
{
    /// <summary>True when the gateway lives and dies with a silo, which never doubts that it lives.</summary>
    bool IsCoHosted { get; }

    /// <summary>Begins to listen for silos in other processes; gives what they call.</summary>
    IGatewayObserver Attach();

    void Detach();
}

/// <summary>Silo and gateway in one process: the router here has the downlink itself, other silos a reference.</summary>
internal sealed class CoHosted(IGatewayDirectory directory, IGrainFactory grains, Downlink downlink, HeldEnvelopes held)
    : IDownlinkReference
{
    private readonly ObserverReference _reference = new(grains, downlink, held);
    private string? _attached;

    public bool IsCoHosted => true;

    public IGatewayObserver Attach()
    {
        directory.Attach(downlink);
        _attached = downlink.GatewayId;
        return _reference.Create();
    }

    public void Detach()
    {
        if (_attached is not null)
            directory.Detach(_attached);
        _reference.Delete();
    }
}

/// <summary>A gateway apart: silos hold a reference, which is stored with the lease.</summary>
internal sealed class Apart(IGrainFactory grains, Downlink downlink, HeldEnvelopes held) : IDownlinkReference
{
    private readonly ObserverReference _reference = new(grains, downlink, held);

    public bool IsCoHosted => false;

    public IGatewayObserver Attach() => _reference.Create();

    public void Detach() => _reference.Delete();
}

/// <summary>The downlink as other processes call it.</summary>
internal sealed class ObserverReference(IGrainFactory grains, Downlink downlink, HeldEnvelopes held)
{
    // Lives as long as this object does: Orleans holds observers weakly.
    private GatewayObserver? _target;
    private IGatewayObserver? _reference;

    public IGatewayObserver Create()
    {
        _target = new GatewayObserver(downlink, held);
        return _reference = grains.CreateObjectReference<IGatewayObserver>(_target);
    }

    public void Delete()
    {
        if (_reference is not null)
            grains.DeleteObjectReference<IGatewayObserver>(_reference);
        _reference = null;
    }
}
