using System.Text;
using System.Text.Unicode;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Whether a CONNECT that could be read is one to let in.</summary>
internal sealed class ConnectRules(GatewayParts gateway)
{
    /// <summary>Why the client is refused, whoever it is; success when it is not.</summary>
    public ReasonCode Judge(ConnectPacket connect)
    {
        if (gateway.Options.ServerMoved)
            return ReasonCode.ServerMoved;

        // A session that is to be found again needs a name that the client knows. [MQTT3-3.1.3-8] MQTT 3.1 wants one
        // always; a client of MQTT 5 is told the one that it is given.
        if (connect.ClientId.Length == 0 && connect.Version is not ProtocolVersion.V5
            && (!connect.CleanStart || connect.Version is ProtocolVersion.V31))
        {
            return ReasonCode.ClientIdentifierNotValid;
        }

        return ReasonCode.Success;
    }

    /// <summary>Why the client is refused with the will that it leaves.</summary>
    public ReasonCode Judge(ConnectWill? will, ClientIdentity client)
    {
        if (will is null)
            return ReasonCode.Success;
        if (will.QoS > gateway.Options.MaximumQoS)
            return ReasonCode.QoSNotSupported; // [MQTT-3.2.2-12]
        if (will.Retain && !gateway.Options.RetainAvailable)
            return ReasonCode.RetainNotSupported; // [MQTT-3.2.2-13]
        var target = DelayedTopic.TargetOf(Encoding.UTF8.GetBytes(will.Topic));
        if (SysTopic.Is(target) || !gateway.Authorizer.MayPublish(client, target))
            return ReasonCode.NotAuthorized;

        return gateway.Options.ValidatePayloadFormat
            && MessageProperties.Read(will.Properties.Span).PayloadFormatIndicator == true
            && !Utf8.IsValid(will.Payload.Span)
            ? ReasonCode.PayloadFormatInvalid
            : ReasonCode.Success;
    }
}
