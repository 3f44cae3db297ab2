using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Section 4.12: what is said between a CONNECT that names an authentication method and its CONNACK.</summary>
internal sealed class ConnectExchange(GatewayParts gateway, ConnectionContext transport, ClientTerms terms)
{
    private bool _saidGoodbye;

    /// <summary>How it ended; null when the client went away.</summary>
    /// <exception cref="ProtocolException">The client said what it must not say now.</exception>
    public async Task<AuthenticationStep?> RunAsync(ConnectPacket connect, string clientId)
    {
        var method = connect.Properties.AuthenticationMethod!;
        var exchange = gateway.Doorkeeper.Begin(method, clientId, connect.UserName, connect.Password, transport);
        if (exchange is null)
            return AuthenticationStep.Refuse(ReasonCode.BadAuthenticationMethod); // [MQTT-4.12.0-1]

        var data = connect.Properties.AuthenticationData;
        while (true)
        {
            var step = await gateway.Doorkeeper.AdvanceAsync(exchange, data, transport);
            if (step.Reason is not ReasonCode.ContinueAuthentication)
                return step;

            await AskAsync(AuthRules.Answer(method, step));
            var answer = await PacketReading.OneAsync<AuthPacket>(transport.Transport.Input, Parse);
            if (answer is null || _saidGoodbye)
                return null;

            AuthRules.Demand(answer, method, ReasonCode.ContinueAuthentication); // [MQTT-4.12.0-3]
            data = answer.AuthenticationData;
        }
    }

    private async Task AskAsync(AuthPacket question)
    {
        if (PacketWriter.Measure(question, terms.Version) > terms.MaximumPacketSize)
            ProtocolException.Throw(ReasonCode.PacketTooLarge, "What is to be asked does not fit the client's maximum packet size.");

        PacketWriter.Write(transport.Transport.Output, question, terms.Version);
        await transport.Transport.Output.FlushAsync();
    }

    private AuthPacket? Parse(ref ReadOnlySequence<byte> unread)
    {
        if (!Frame.TryRead(ref unread, gateway.Options.MaximumPacketSize, out var frame, ProtocolVersion.V5))
            return null;

        switch (frame.Type)
        {
            case PacketType.Auth:
                return AuthPacket.Read(frame, ProtocolVersion.V5);
            case PacketType.Disconnect:
                DisconnectPacket.Read(frame, ProtocolVersion.V5);
                _saidGoodbye = true;
                return new AuthPacket();
            default:
                throw new ProtocolException(
                    ReasonCode.ProtocolError, $"{frame.Type} came before CONNACK, in an authentication. [MQTT-3.1.2-30]");
        }
    }
}
