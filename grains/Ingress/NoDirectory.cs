using Orleans.GrainDirectory;

namespace Orleans.Mqtt.Grains.Ingress;

/// <summary>
/// Where stateless workers are looked up: nowhere, each silo has its own. Orleans would ask the silo that the directory has
/// for the key, and wait for it even when it hangs.
/// </summary>
internal sealed class NoDirectory : IGrainDirectory
{
    public const string Name = "none";

    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult<GrainAddress?>(null);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;
}
