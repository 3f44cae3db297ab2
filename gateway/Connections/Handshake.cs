using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Security;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>From the first byte to the decision whether a client is let in.</summary>
internal sealed class Handshake(GatewayParts gateway, ConnectionContext transport) : Overdue
{
    private readonly ConnectRules _rules = new(gateway);
    private readonly int _deadline = gateway.Heartbeat.In(gateway.Options.ConnectTimeout);

    private bool _isVersion5;

    public override int Check(int tick)
    {
        if (tick < _deadline)
            return _deadline;

        transport.Abort(new ConnectionAbortedException("No CONNECT in time, or no answer to what it was asked."));
        return Never;
    }

    /// <summary>The admission, or null when the client was refused or went away.</summary>
    public async Task<Admission?> RunAsync()
    {
        var connect = await ReadConnectAsync();
        if (connect is null)
            return null;

        var terms = ClientTerms.Of(connect, gateway.Options);
        var verdict = _rules.Judge(connect);
        if (verdict is not ReasonCode.Success)
            return await RefuseAsync(terms, verdict);

        var clientId = connect.ClientId.Length > 0 ? connect.ClientId : $"auto-{Guid.NewGuid():N}";
        if (await AuthenticateAsync(connect, clientId, terms) is not { } login)
            return null;
        if (login.Client is not { } client)
            return await RefuseAsync(terms, login.Reason);

        verdict = _rules.Judge(connect.Will, client);
        if (verdict is not ReasonCode.Success)
            return await RefuseAsync(terms, verdict);

        var welcome = terms.IsVersion5
            ? Welcome.For(connect, terms, client.ClientId, gateway.Options) with { AuthenticationData = login.Data }
            : ConnAckProperties.None;
        return Fits(new ConnAckPacket { Properties = welcome }, terms)
            ? await OpenAsync(connect, client, terms, welcome)
            : await RefuseAsync(terms, ReasonCode.PacketTooLarge);
    }

    private async Task<ConnectPacket?> ReadConnectAsync()
    {
        gateway.Heartbeat.Watch(this, _deadline);
        try
        {
            return await PacketReading.OneAsync(transport.Transport.Input, Parse);
        }
        catch (ProtocolException mistake) when (mistake.Reason is ReasonCode.UnsupportedProtocolVersion)
        {
            await RefuseAsync(new ClientTerms(ProtocolVersion.V311), mistake.Reason); // [MQTT3-3.1.2-2]
            return null;
        }
        catch (ProtocolException mistake) when (_isVersion5)
        {
            await RefuseAsync(new ClientTerms(ProtocolVersion.V5) { WantsReasons = true }, mistake.Reason, mistake.Message);
            return null;
        }
        finally
        {
            gateway.Heartbeat.Unwatch(this);
        }
    }

    private ConnectPacket? Parse(ref ReadOnlySequence<byte> unread)
    {
        // The first packet is CONNECT or nothing. [MQTT-3.1.0-1] Its type is judged before its length is believed.
        if (!unread.IsEmpty && unread.FirstSpan[0] >> 4 != (int)PacketType.Connect)
            ProtocolException.ThrowProtocolError("The first packet is not CONNECT.");

        _isVersion5 = ConnectPacket.IsVersion5(unread);
        var length = unread.Length;
        if (!Frame.TryRead(ref unread, gateway.Options.MaximumPacketSize, out var frame))
            return null;

        gateway.Metrics.Traffic.Received(1, length - unread.Length);
        return ConnectPacket.Read(frame);
    }

    /// <summary>Who the client is or why it is refused; null when it went away, or when its end is said already.</summary>
    private async Task<AuthenticationStep?> AuthenticateAsync(ConnectPacket connect, string clientId, ClientTerms terms)
    {
        if (connect.Properties.AuthenticationMethod is null)
            return await gateway.Doorkeeper.CheckAsync(connect, clientId, transport);

        gateway.Heartbeat.Watch(this, _deadline); // the exchange, too, is to be over in time
        try
        {
            return await new ConnectExchange(gateway, transport, terms).RunAsync(connect, clientId);
        }
        catch (ProtocolException mistake)
        {
            await RefuseAsync(terms, mistake.Reason, mistake.Message);
            return null;
        }
        finally
        {
            gateway.Heartbeat.Unwatch(this);
        }
    }

    private async Task<Admission?> OpenAsync(
        ConnectPacket connect, ClientIdentity client, ClientTerms terms, ConnAckProperties welcome)
    {
        if (!gateway.Connections.IsOpen)
            return await RefuseAsync(terms, gateway.Options.Elsewhere(ReasonCode.ServerUnavailable));

        var request = RequestOf(connect, client, terms);
        var keepAlive = welcome.ServerKeepAlive ?? connect.KeepAlive; // [MQTT-3.2.2-22]
        if (gateway.Guests?.Enter(client.ClientId, request) is { } guest)
            return new Admission(client, terms, keepAlive, guest) { Welcome = welcome };

        // A session on a silo that has just died is up again elsewhere in a moment; opening it twice takes over from nobody.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(transport.ConnectionClosed);
        patience.CancelAfter(gateway.Options.ConnectTimeout);
        SessionTicket ticket;
        try
        {
            ticket = await new SessionOpening(gateway, gateway.SessionOf(client.ClientId)).RunAsync(request, patience.Token);
        }
        catch (Exception failure) when (!transport.ConnectionClosed.IsCancellationRequested
            && (failure is StaleEpochException || patience.IsCancellationRequested))
        {
            return await RefuseAsync(terms, ReasonCode.ServerUnavailable);
        }

        // The gateway has begun another life meanwhile: the session was opened for one that is over.
        if (request.GatewayId != gateway.Identity.Id)
            return await RefuseAsync(terms, ReasonCode.ServerUnavailable);

        return new Admission(client, terms, keepAlive, ticket) { Welcome = welcome };
    }

    private SessionRequest RequestOf(ConnectPacket connect, ClientIdentity client, ClientTerms terms) => new()
    {
        GatewayId = gateway.Identity.Id,
        Attempt = gateway.Identity.NextAttempt(),
        Version = connect.Version,
        CleanStart = connect.CleanStart,
        SessionExpiry = terms.SessionExpiry,
        ReceiveMaximum = terms.ReceiveMaximum,
        Will = WillRecord.Of(connect.Will),
        UserName = client.UserName,
        RemoteAddress = transport.RemoteEndPoint?.ToString(),
        Epoch = (gateway.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
    };

    private async Task<Admission?> RefuseAsync(ClientTerms terms, ReasonCode reason, string? why = null)
    {
        gateway.Metrics.Refused(reason);
        Log.Refused(gateway.Log, transport.ConnectionId, reason);
        if (terms.IsVersion5 && !PacketType.ConnAck.Allows(reason))
            reason = ReasonCode.UnspecifiedError;

        var explained = new ConnAckPacket
        {
            Reason = reason,
            Properties = new ConnAckProperties
            {
                ReasonString = terms.WantsReasons ? why ?? Explanations.Of(reason) : null,
                ServerReference = gateway.Options.ReferenceFor(reason),
            },
        };
        var answer = Fits(explained, terms) ? explained : new ConnAckPacket { Reason = reason }; // [MQTT-3.2.2-19]
        if (Fits(answer, terms))
            PacketWriter.Write(transport.Transport.Output, answer, terms.Version);
        await transport.Transport.Output.FlushAsync();
        return null;
    }

    private static bool Fits(ConnAckPacket packet, ClientTerms terms) =>
        PacketWriter.Measure(packet, terms.Version) <= terms.MaximumPacketSize;
}
