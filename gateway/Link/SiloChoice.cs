using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Ingress;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// Which silo lanes send to. All of QoS 0 goes to one: what a gateway's clients say to those of another then comes in one stream
/// from one silo, in few large batches, however many silos there are.
/// </summary>
internal sealed class SiloChoice(IGrainFactory grains, ClusterWatch watch)
{
    private readonly Lock _gate = new();
    private IIngressGrain? _silo;
    private long _version;

    /// <summary>
    /// Orleans spreads keys over the silos that it is connected to. When silos come or go it is another one, so that a new silo
    /// gets its share. A lane asks when it has nothing on its way, so nothing can overtake.
    /// </summary>
    public IIngressGrain Silo
    {
        get
        {
            lock (_gate)
            {
                if (_silo is null || _version != watch.Version)
                {
                    _version = watch.Version;
                    _silo = grains.GetGrain<IIngressGrain>(Random.Shared.NextInt64());
                }

                return _silo;
            }
        }
    }
}
