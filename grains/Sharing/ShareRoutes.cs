using Microsoft.Extensions.Options;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>The shared subscriptions that a route table knows. Under its owner's lock.</summary>
internal sealed class ShareRoutes(IOptions<SharingOptions> options)
{
    private readonly Dictionary<string, ShareDestination> _byFilter = [];

    public int Count => _byFilter.Count;

    /// <summary>The share that a change is about; null when it is not there and does not come.</summary>
    public ShareDestination? Of(RouteChange change)
    {
        var filter = change.SharedFilter;
        if (_byFilter.TryGetValue(filter, out var share) || change.Options is RouteOptions.None)
            return share;

        _byFilter.Add(filter, share = new ShareDestination(filter, options.Value.Of(ShareNames.Split(filter).Name)));
        return share;
    }

    public void Remove(ShareDestination share) => _byFilter.Remove(share.Filter);
}
