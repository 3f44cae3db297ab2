using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Security;

/// <summary>
/// May this client say or hear that? The plug-in point of the access rules; asked for every PUBLISH, SUBSCRIBE and will.
/// Register an implementation before the gateway is added, or name its assembly in Security:Provider.
/// </summary>
public interface IAuthorizer
{
    /// <summary>Must not block or allocate: it is on the road of every message.</summary>
    bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic);

    bool MaySubscribe(ClientIdentity client, string filter, QoS qos);

    /// <summary>
    /// Called once a connection; what it gives is asked for each PUBLISH of that client, by one caller at a time. Override it
    /// where something can be prepared.
    /// </summary>
    IAuthorizer ForConnection(ClientIdentity client) => this;
}
