using System.Text.Unicode;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What a PUBLISH must be like to be taken.</summary>
internal sealed class PublishRules(GatewayParts gateway, Admission admission)
{
    private readonly IAuthorizer _authorizer = gateway.Authorizer.ForConnection(admission.Client);

    /// <summary>The verdict on the message; a rule that CONNACK named and the client breaks ends the connection.</summary>
    public ReasonCode Judge(scoped in PublishPacket packet)
    {
        if (packet.QoS > gateway.Options.MaximumQoS)
            ProtocolException.Throw(ReasonCode.QoSNotSupported, $"QoS {(int)packet.QoS} is not supported. [MQTT-3.2.2-11]");
        if (packet.Retain && !gateway.Options.RetainAvailable)
            ProtocolException.Throw(ReasonCode.RetainNotSupported, "Messages are not retained here. [MQTT-3.2.2-14]");
        var target = DelayedTopic.TargetOf(packet.Topic);
        if (SysTopic.Is(target) || !_authorizer.MayPublish(admission.Client, target))
        {
            gateway.Metrics.DeniedPublish();
            return ReasonCode.NotAuthorized;
        }

        return gateway.Options.ValidatePayloadFormat && packet.Known.PayloadFormatIndicator == true && !IsUtf8(packet)
            ? ReasonCode.PayloadFormatInvalid
            : ReasonCode.Success;
    }

    private static bool IsUtf8(scoped in PublishPacket packet)
    {
        var payload = new byte[packet.PayloadLength];
        packet.CopyPayloadTo(payload);
        return Utf8.IsValid(payload);
    }
}
