using System.Collections.Concurrent;
using Orleans.Mqtt.Gateway.Link;

namespace Orleans.Mqtt.Gateway.Sharing;

/// <summary>The members of shared subscriptions here, by handle. Read without a lock.</summary>
internal sealed class ShareTable(GatewayIdentity identity)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<ulong, LocalSubscription[]> _members = [];

    /// <summary>In the order in which they came; empty when there is none.</summary>
    public LocalSubscription[] MembersOf(ulong handle) => _members.GetValueOrDefault(handle, []);

    public void Add(LocalSubscription member)
    {
        lock (_gate)
            _members.AddOrUpdate(HandleOf(member), [member], (_, others) => [.. others, member]);
    }

    public void Remove(LocalSubscription member)
    {
        lock (_gate)
        {
            var left = Array.FindAll(MembersOf(HandleOf(member)), other => other != member);
            if (left.Length > 0)
                _members[HandleOf(member)] = left;
            else
                _members.TryRemove(HandleOf(member), out _);
        }
    }

    private ulong HandleOf(LocalSubscription member) => identity.HandleOf(member.Filter);
}
