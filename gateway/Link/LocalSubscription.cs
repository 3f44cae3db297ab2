using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// One filter of one connection here. The table links those of one filter in a list, unless there is one that
/// <see cref="LoneSubscription"/> may stand for. There may be a million, so it holds what was granted without an object for that.
/// </summary>
internal class LocalSubscription
{
    private readonly QoS _qos;
    private readonly byte _retainHandling;
    private readonly bool _noLocal, _retainAsPublished, _isExclusive;
    private LocalSubscription? _previous;
    private bool _isLinked;

    private LocalSubscription(MqttConnection connection, Subscription granted)
    {
        Connection = connection;
        Filter = granted.Filter;
        _qos = granted.QoS;
        _retainHandling = granted.RetainHandling;
        _noLocal = granted.NoLocal;
        _retainAsPublished = granted.RetainAsPublished;
        _isExclusive = ExclusiveFilter.IsExclusive(granted.Filter); // here, for its text lies elsewhere in memory
    }

    public MqttConnection Connection { get; }

    public string Filter { get; }

    public Subscription Granted => new()
    {
        Filter = Filter,
        QoS = _qos,
        NoLocal = _noLocal,
        RetainAsPublished = _retainAsPublished,
        RetainHandling = _retainHandling,
        Identifier = Identifiers is [var identifier] ? (uint)identifier : 0,
    };

    /// <summary>What topics are matched with.</summary>
    public string MatchedFilter => ExclusiveFilter.Matched(Filter);

    /// <summary>Others have it, too, and each message goes to one of them.</summary>
    public bool IsShared => SharedFilter.IsShared(Filter);

    /// <summary>Its Subscription Identifier, as an array that every delivery shares; empty for none.</summary>
    public virtual int[] Identifiers => [];

    /// <summary>Its connection may have the same filter in the ordinary way, too.</summary>
    public bool IsExclusive => _isExclusive;

    /// <summary>The life of the gateway in which it was announced.</summary>
    public ushort Life { get; set; }

    /// <summary>The next of the same filter.</summary>
    public LocalSubscription? Next { get; private set; }

    /// <summary>Nothing says how it hears but its client and its QoS, and its client has the filter once.</summary>
    public bool IsLone => Next is null && IsPlain && !_isExclusive;

    /// <summary>QoS 1 and 2 come from the session's queue: only QoS 0 is wanted live.</summary>
    public bool WantsQoS0Only => Connection.IsPersistent && _qos is not QoS.AtMostOnce;

    private bool IsPlain => !_noLocal && !_retainAsPublished && Identifiers.Length == 0;

    public static LocalSubscription Of(MqttConnection connection, Subscription granted) =>
        granted.Identifier == 0 ? new LocalSubscription(connection, granted) : new Identified(connection, granted);

    public Subscriber ToSubscriber() => new(Connection, Identifiers, _qos, _noLocal, _retainAsPublished);

    /// <summary>The answer for a topic that nothing else matches.</summary>
    public Subscriber[] ToAnswer() => IsPlain ? ToLone().Answer : [ToSubscriber()];

    public LoneSubscription ToLone() => Connection.LoneAt(_qos, _retainHandling);

    /// <summary>Becomes the first of the list of its filter.</summary>
    public LocalSubscription LinkBefore(LocalSubscription? first)
    {
        _isLinked = true;
        Next = first;
        first?._previous = this;
        return this;
    }

    /// <summary>Leaves the list that begins with the first; gives what that begins with then.</summary>
    public LocalSubscription? UnlinkFrom(LocalSubscription first)
    {
        if (!_isLinked)
            return first.StandInFor(this).UnlinkFrom(first);

        var second = Next;
        second?._previous = _previous;
        _previous?.Next = second;
        (_previous, Next, _isLinked) = (null, null, false);
        return first == this ? second : first;
    }

    // One that was alone is not known to the table when others come: what is in the list then is like it, no more.
    private LocalSubscription StandInFor(LocalSubscription other)
    {
        var at = this;
        while (at.Connection != other.Connection || at.Filter != other.Filter)
            at = at.Next!;

        return at;
    }

    private sealed class Identified(MqttConnection connection, Subscription granted) : LocalSubscription(connection, granted)
    {
        public override int[] Identifiers { get; } = [(int)granted.Identifier];
    }
}

/// <summary>How one connection hears a topic: merged over its filters, one copy at the highest QoS granted.</summary>
/// <param name="Connection">Who hears it.</param>
/// <param name="Identifiers">Of the subscriptions that have one (MQTT 5).</param>
/// <param name="QoS">The highest granted.</param>
/// <param name="HasNoLocal">The client's own messages are not heard through all of the filters (MQTT 5).</param>
/// <param name="KeepsRetain">The publisher's RETAIN flag is wanted (MQTT 5).</param>
internal readonly record struct Subscriber(
    MqttConnection Connection, int[] Identifiers, QoS QoS, bool HasNoLocal, bool KeepsRetain)
{
    public Subscriber Merge(Subscriber other) => new(
        Connection,
        other.Identifiers.Length == 0 ? Identifiers : [.. Identifiers, .. other.Identifiers],
        QoS > other.QoS ? QoS : other.QoS, HasNoLocal | other.HasNoLocal, KeepsRetain | other.KeepsRetain);
}
