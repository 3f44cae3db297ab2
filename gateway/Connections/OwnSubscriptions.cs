using System.Text;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// One connection's subscriptions, to be asked which of them match a topic. Needed where the gateway's table says too
/// little: for the client's own messages (No Local), and for what comes from its session's queue. Holds nothing while no
/// subscription has an MQTT 5 option that matters here.
/// </summary>
internal sealed class OwnSubscriptions
{
    private Lock? _gate;

    // Of one filter there may be two: the plain one and the exclusive one.
    private FilterTree<Subscription[]>? _filters;

    private Lock Gate => LazyInitializer.EnsureInitialized(ref _gate);

    /// <summary>Adds or replaces one. <paramref name="others"/> are those the connection has.</summary>
    public void Set(Subscription subscription, IEnumerable<Subscription> others)
    {
        lock (Gate)
        {
            if (_filters is null)
            {
                if (subscription is { Identifier: 0, NoLocal: false, RetainAsPublished: false })
                    return;

                _filters = new FilterTree<Subscription[]>();
                foreach (var other in others)
                    Replace(_filters, other.Filter, other);
            }

            Replace(_filters, subscription.Filter, subscription);
        }
    }

    public void Remove(string filter)
    {
        lock (Gate)
        {
            if (_filters is not null)
                Replace(_filters, filter, by: null);
        }
    }

    /// <summary>How the connection hears a topic; its own messages it hears through fewer subscriptions.</summary>
    public Hearing HearingOf(ReadOnlySpan<byte> topic, bool isOwn)
    {
        if (Volatile.Read(ref _filters) is null)
            return new Hearing(null, false, []);

        var collector = new Collector(isOwn);
        lock (Gate)
            _filters!.Match(topic, ref collector);
        return collector.ToHearing();
    }

    private static void Replace(FilterTree<Subscription[]> filters, string filter, Subscription? by)
    {
        var matched = Encoding.UTF8.GetBytes(ExclusiveFilter.Matched(filter));
        var others = filters.TryGet(matched, out var known) ? Array.FindAll(known, one => one.Filter != filter) : [];
        if (by is not null)
            filters.Set(matched, [.. others, by]);
        else if (others.Length > 0)
            filters.Set(matched, others);
        else
            filters.Remove(matched);
    }

    private struct Collector(bool isOwn) : IMatchVisitor<Subscription[]>
    {
        private QoS? _qos;
        private bool _keepsRetain;
        private int[]? _identifiers;

        public bool Visit(Subscription[] value)
        {
            foreach (var subscription in value)
                Visit(subscription);
            return true;
        }

        private void Visit(Subscription value)
        {
            if (isOwn && value.NoLocal)
                return; // [MQTT-3.8.3-3]

            if (_qos is null || value.QoS > _qos)
                _qos = value.QoS;
            _keepsRetain |= value.RetainAsPublished;
            if (value.Identifier != 0)
                _identifiers = [.. _identifiers ?? [], (int)value.Identifier];
        }

        public readonly Hearing ToHearing() => new(_qos, _keepsRetain, _identifiers ?? []);
    }
}

/// <summary>How one connection hears a topic: merged over the filters that match.</summary>
/// <param name="QoS">The highest granted; null when no subscription matches.</param>
/// <param name="KeepsRetain">The publisher's RETAIN flag is wanted.</param>
/// <param name="Identifiers">Of the subscriptions that have one.</param>
internal readonly record struct Hearing(QoS? QoS, bool KeepsRetain, int[] Identifiers);
