using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Security;

/// <summary>May this client say or hear that? The plug-in point of the access rules; called on every PUBLISH and SUBSCRIBE.</summary>
public interface IAuthorizer
{
    /// <summary>Must not block or allocate: it is on the road of every message.</summary>
    bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic);

    bool MaySubscribe(ClientIdentity client, string filter, QoS qos);
}
