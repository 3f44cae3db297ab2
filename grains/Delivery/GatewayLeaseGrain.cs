using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Ingress;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Storage;
using Orleans.Serialization;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>Writes leases into the store, in whichever silo the gateway asks.</summary>
[StatelessWorker(1, removeIdleWorkers: false), Reentrant, GrainDirectory(NoDirectory.Name)]
internal sealed class GatewayLeaseGrain(
    GatewayStore store, Serializer serializer, IClusterMembershipService membership, TimeProvider time)
    : Grain, IGatewayLeaseGrain
{
    // Less than a gateway waits for the answer: one that the store does not give is an answer, too.
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(700);

    public async Task<LeaseAnswer> Begin(string gatewayId, TimeSpan lease, IGatewayObserver observer)
    {
        await store.Begin(gatewayId, time.GetUtcNow() + lease, serializer.SerializeToArray(observer));
        return Answer(isAlive: true);
    }

    public async Task<LeaseAnswer> Renew(string gatewayId, TimeSpan lease)
    {
        try
        {
            var isAlive = await store.Renew(gatewayId, time.GetUtcNow() + lease).WaitAsync(_patience, time);
            return Answer(isAlive);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or TimeoutException)
        {
            return Answer(isAlive: true) with { IsStoreAway = true };
        }
    }

    private LeaseAnswer Answer(bool isAlive)
    {
        var snapshot = membership.CurrentSnapshot;
        return new LeaseAnswer
        {
            IsAlive = isAlive,
            ClusterVersion = snapshot.Version.Value,
            Silos = [.. snapshot.Members.Values
                .Where(member => member.Status is SiloStatus.Active)
                .Select(member => member.SiloAddress.ToParsableString())],
        };
    }
}
