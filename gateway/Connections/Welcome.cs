using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What CONNACK tells a client of MQTT 5: what is offered here, and what became of its wishes.</summary>
internal static class Welcome
{
    public static ConnAckProperties For(ConnectPacket connect, ClientTerms terms, string clientId, GatewayOptions options) => new()
    {
        SessionExpiryInterval =
            terms.SessionExpiry == connect.Properties.SessionExpiryInterval ? null : terms.SessionExpiry,
        ReceiveMaximum = options.ReceiveMaximum == ushort.MaxValue ? null : (ushort)options.ReceiveMaximum,
        MaximumQoS = options.MaximumQoS,
        RetainAvailable = No(options.RetainAvailable),
        MaximumPacketSize = (uint)options.MaximumPacketSize,
        AssignedClientIdentifier = connect.ClientId.Length == 0 ? clientId : null,
        TopicAliasMaximum = options.TopicAliasMaximum == 0 ? null : (ushort)options.TopicAliasMaximum,
        WildcardSubscriptionAvailable = No(options.WildcardSubscriptionAvailable),
        SubscriptionIdentifierAvailable = No(options.SubscriptionIdentifierAvailable),
        SharedSubscriptionAvailable = No(options.SharedSubscriptionAvailable),
        ServerKeepAlive = options.GrantKeepAlive(connect.KeepAlive) is var granted && granted == connect.KeepAlive ? null : granted,
        ResponseInformation = connect.Properties.RequestResponseInformation && options.ResponseInformation.Length > 0
            ? options.ResponseInformation.Replace("{clientId}", clientId, StringComparison.Ordinal)
            : null,
        AuthenticationMethod = connect.Properties.AuthenticationMethod, // [MQTT-4.12.0-5]
    };

    /// <summary>Yes is what a client believes that is told nothing.</summary>
    private static bool? No(bool isAvailable) => isAvailable ? null : false;
}
