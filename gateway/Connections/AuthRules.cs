using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What an AUTH has to say at its place, from either side.</summary>
internal static class AuthRules
{
    /// <summary>[MQTT-4.12.0-5] and [MQTT-4.12.1-1] are one: the method stays what CONNECT called it.</summary>
    public static void Demand(AuthPacket packet, string method, ReasonCode reason)
    {
        if (packet.Reason != reason)
            ProtocolException.ThrowProtocolError($"AUTH came with 0x{(byte)packet.Reason:X2} where 0x{(byte)reason:X2} was due.");
        if (packet.AuthenticationMethod != method)
            ProtocolException.ThrowProtocolError("AUTH names another method than CONNECT. [MQTT-4.12.1-1]");
    }

    /// <summary>What the client hears of a step that did not fail. [MQTT-4.12.0-2]</summary>
    public static AuthPacket Answer(string method, in AuthenticationStep step) => new()
    {
        Reason = step.Reason, AuthenticationMethod = method, AuthenticationData = step.Data,
    };
}
