using Microsoft.AspNetCore.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// Section 4.12.1: a client that is in proves anew who it is. All else goes on meanwhile, with the rights that it has; when
/// it fails, or does not come to its end in time, the connection ends. [MQTT-4.12.1-2]
/// </summary>
internal sealed class Reauthentication(
    GatewayParts gateway, ClientIdentity client, string method, Outbox outbox, ConnectionContext transport, Overdue connection)
{
    private IAuthenticationExchange? _exchange;
    private int _deadline = Overdue.Never;

    /// <summary>The tick by which it must be over.</summary>
    public int Deadline => Volatile.Read(ref _deadline);

    /// <summary>Why the connection is to end; success when it is not.</summary>
    public async Task<ReasonCode> TakeAsync(AuthPacket packet)
    {
        AuthRules.Demand(packet, method, _exchange is null ? ReasonCode.ReAuthenticate : ReasonCode.ContinueAuthentication);
        if (_exchange is null)
        {
            _exchange = gateway.Doorkeeper.Begin(method, client.ClientId, client.UserName, password: null, transport)!;
            Volatile.Write(ref _deadline, gateway.Heartbeat.In(gateway.Options.ConnectTimeout));
            gateway.Heartbeat.Watch(connection, _deadline);
        }

        var step = await gateway.Doorkeeper.AdvanceAsync(_exchange, packet.AuthenticationData, transport);
        if (step.Reason.IsError())
            return PacketType.Disconnect.Allows(step.Reason) ? step.Reason : ReasonCode.NotAuthorized;
        if (step.Client is { } proven && proven.UserName != client.UserName)
            return ReasonCode.NotAuthorized; // the connection, its rights and its session are those of another

        if (step.Client is not null)
            End();
        var answer = AuthRules.Answer(method, step);
        outbox.DemandFit(answer);
        outbox.Write(answer);
        return ReasonCode.Success;
    }

    private void End()
    {
        _exchange = null;
        Volatile.Write(ref _deadline, Overdue.Never);
    }
}
