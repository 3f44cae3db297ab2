using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// A subscription that is the only one of its filter, and has nothing that is to be merged with others. All that a client
/// has in one way are one object: then a million of them need one place in the table, and a search need not go where each
/// lies in memory.
/// </summary>
internal sealed class LoneSubscription(MqttConnection connection, QoS qos, byte retainHandling, LoneSubscription? next)
{
    public QoS QoS => qos;

    public byte RetainHandling => retainHandling;

    /// <summary>Another way in which the client has some.</summary>
    public LoneSubscription? Next => next;

    /// <summary>For a topic that nothing else matches.</summary>
    public Subscriber[] Answer { get; } = [new Subscriber(connection, [], qos, HasNoLocal: false, KeepsRetain: false)];

    /// <summary>The subscription as it was before it became one of many that are alike.</summary>
    public LocalSubscription ToLocal(string filter) => LocalSubscription.Of(
        connection, new Subscription { Filter = filter, QoS = qos, RetainHandling = retainHandling });

    /// <summary>The one that says how a topic is heard that both match; null when they are of different clients.</summary>
    public LoneSubscription? Stronger(LoneSubscription other)
    {
        if (Answer[0].Connection != other.Answer[0].Connection)
            return null;

        return other.QoS > QoS ? other : this;
    }
}
