using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Gateway.Connections;

// How a client proves anew who it is.
internal sealed partial class MqttConnection
{
    private Reauthentication? _reauthentication;

    private async Task AuthenticateAsync(AuthPacket packet)
    {
        if (_admission.Welcome.AuthenticationMethod is not { } method)
            throw new ProtocolException(ReasonCode.ProtocolError, "CONNECT named no authentication method. [MQTT-4.12.0-7]");

        _reauthentication ??= new Reauthentication(_gateway, Client, method, Outbox, _transport, this);
        var verdict = await _reauthentication.TakeAsync(packet);
        if (verdict is not ReasonCode.Success)
            Close(verdict);
    }
}
