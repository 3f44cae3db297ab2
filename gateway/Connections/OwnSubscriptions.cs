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
    private readonly Lock _gate = new();
    private FilterTree<Subscription>? _filters;

    /// <summary>Adds or replaces one. <paramref name="others"/> are those the connection has.</summary>
    public void Set(Subscription subscription, IEnumerable<Subscription> others)
    {
        lock (_gate)
        {
            if (_filters is null)
            {
                if (subscription is { Identifier: 0, NoLocal: false, RetainAsPublished: false })
                    return;

                _filters = new FilterTree<Subscription>();
                foreach (var other in others)
                    _filters.Set(Encoding.UTF8.GetBytes(other.Filter), other);
            }

            _filters.Set(Encoding.UTF8.GetBytes(subscription.Filter), subscription);
        }
    }

    public void Remove(string filter)
    {
        lock (_gate)
            _filters?.Remove(Encoding.UTF8.GetBytes(filter));
    }

    /// <summary>How the connection hears a topic; its own messages it hears through fewer subscriptions.</summary>
    public Hearing HearingOf(ReadOnlySpan<byte> topic, bool isOwn)
    {
        if (Volatile.Read(ref _filters) is null)
            return new Hearing(null, false, []);

        var collector = new Collector(isOwn);
        lock (_gate)
            _filters!.Match(topic, ref collector);
        return collector.ToHearing();
    }

    private struct Collector(bool isOwn) : IMatchVisitor<Subscription>
    {
        private QoS? _qos;
        private bool _keepsRetain;
        private int[]? _identifiers;

        public bool Visit(Subscription value)
        {
            if (isOwn && value.NoLocal)
                return true; // [MQTT-3.8.3-3]

            if (_qos is null || value.QoS > _qos)
                _qos = value.QoS;
            _keepsRetain |= value.RetainAsPublished;
            if (value.Identifier != 0)
                _identifiers = [.. _identifiers ?? [], (int)value.Identifier];
            return true;
        }

        public readonly Hearing ToHearing() => new(_qos, _keepsRetain, _identifiers ?? []);
    }
}

/// <summary>How one connection hears a topic: merged over the filters that match.</summary>
/// <param name="QoS">The highest granted; null when no subscription matches.</param>
/// <param name="KeepsRetain">The publisher's RETAIN flag is wanted.</param>
/// <param name="Identifiers">Of the subscriptions that have one.</param>
internal readonly record struct Hearing(QoS? QoS, bool KeepsRetain, int[] Identifiers);
