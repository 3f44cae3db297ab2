using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Security;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What was agreed when a client was let in.</summary>
internal sealed record Admission(
    ClientIdentity Client, ProtocolVersion Version, ushort KeepAlive, ushort ReceiveMaximum, SessionTicket Ticket);
