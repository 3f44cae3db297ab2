using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Security;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What was agreed when a client was let in.</summary>
internal sealed record Admission(ClientIdentity Client, ClientTerms Terms, ushort KeepAlive, SessionTicket Ticket)
{
    /// <summary>What CONNACK says beside yes; nothing before MQTT 5.</summary>
    public ConnAckProperties Welcome { get; init; } = ConnAckProperties.None;
}
