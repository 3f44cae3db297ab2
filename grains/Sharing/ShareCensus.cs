using System.Collections.Concurrent;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>The shared subscriptions that are active in this silo, to be counted.</summary>
internal sealed class ShareCensus
{
    private readonly ConcurrentDictionary<ShareGrain, Func<StoredShare?>> _present = [];

    public int Count => _present.Count;

    /// <summary>Messages in their queues. They are at work meanwhile, so it is the number of no single moment.</summary>
    public long Queued => Queues().Sum();

    public long LongestQueue => Queues().DefaultIfEmpty().Max();

    public void Enter(ShareGrain share, Func<StoredShare?> stored) => _present[share] = stored;

    public void Leave(ShareGrain share) => _present.TryRemove(share, out _);

    private IEnumerable<long> Queues() => _present.Values.Select(stored => stored()?.Delivery.Queued ?? 0);
}
