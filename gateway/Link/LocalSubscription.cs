using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>One filter of one connection here. Those of one filter are a linked list: most have one.</summary>
internal sealed class LocalSubscription(MqttConnection connection, Subscription granted)
{
    public MqttConnection Connection { get; } = connection;

    public Subscription Granted { get; } = granted;

    /// <summary>Others have it, too, and each message goes to one of them.</summary>
    public bool IsShared { get; } = SharedFilter.IsShared(granted.Filter);

    /// <summary>Its Subscription Identifier, as an array that every delivery shares; empty for none.</summary>
    public int[] Identifiers { get; } = granted.Identifier == 0 ? [] : [(int)granted.Identifier];

    public LocalSubscription? Previous { get; set; }

    public LocalSubscription? Next { get; set; }

    /// <summary>QoS 1 and 2 come from the session's queue: only QoS 0 is wanted live.</summary>
    public bool WantsQoS0Only => Connection.IsPersistent && Granted.QoS is not QoS.AtMostOnce;
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
    public static Subscriber From(LocalSubscription subscription) => new(
        subscription.Connection, subscription.Identifiers, subscription.Granted.QoS, subscription.Granted.NoLocal,
        subscription.Granted.RetainAsPublished);

    public Subscriber Merge(Subscriber other) => new(
        Connection,
        other.Identifiers.Length == 0 ? Identifiers : [.. Identifiers, .. other.Identifiers],
        QoS > other.QoS ? QoS : other.QoS, HasNoLocal | other.HasNoLocal, KeepsRetain | other.KeepsRetain);
}
