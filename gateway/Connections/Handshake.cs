using System.Text;
using Microsoft.AspNetCore.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>From the first byte to the decision whether a client is let in.</summary>
internal sealed class Handshake(GatewayParts gateway, ConnectionContext transport) : IOverdue
{
    private readonly int _deadline =
        gateway.Heartbeat.Now + (int)(gateway.Options.ConnectTimeout.TotalSeconds * Heartbeat.TicksPerSecond);

    public void Check(int tick)
    {
        if (tick > _deadline)
            transport.Abort(new ConnectionAbortedException("No CONNECT in time."));
    }

    /// <summary>The admission, or null when the client was refused or went away.</summary>
    public async Task<Admission?> RunAsync()
    {
        var connect = await ReadConnectAsync();
        if (connect is null)
            return null;

        var clientId = connect.ClientId;
        if (clientId.Length == 0)
        {
            // A session that is to be found again needs a name that the client knows. [MQTT-3.1.3-8] MQTT 3.1 wants one always.
            if (!connect.CleanStart || connect.Version is ProtocolVersion.V31)
                return await RefuseAsync(connect.Version, ReasonCode.ClientIdentifierNotValid);
            clientId = $"auto-{Guid.NewGuid():N}";
        }

        var client = new ClientIdentity(clientId, connect.UserName);
        if (connect.Will is { } will && !gateway.Authorizer.MayPublish(client, DelayedTopic.TargetOf(Encoding.UTF8.GetBytes(will.Topic))))
            return await RefuseAsync(connect.Version, ReasonCode.NotAuthorized);

        return await OpenAsync(connect, client);
    }

    private async Task<ConnectPacket?> ReadConnectAsync()
    {
        gateway.Heartbeat.Watch(this);
        try
        {
            var input = transport.Transport.Input;
            while (true)
            {
                var read = await input.ReadAsync();
                var unread = read.Buffer;
                ConnectPacket? connect = null;
                try
                {
                    connect = Parse(ref unread);
                }
                finally
                {
                    // What came right behind the CONNECT was not looked at: the next reader is to see it at once.
                    input.AdvanceTo(unread.Start, connect is null ? unread.End : unread.Start);
                }

                if (connect is not null || read.IsCompleted || read.IsCanceled)
                    return connect;
            }
        }
        catch (ProtocolException mistake) when (mistake.Reason is ReasonCode.UnsupportedProtocolVersion)
        {
            await RefuseAsync(ProtocolVersion.V311, mistake.Reason); // [MQTT3-3.1.2-2]
            return null;
        }
        finally
        {
            gateway.Heartbeat.Unwatch(this);
        }
    }

    private ConnectPacket? Parse(ref System.Buffers.ReadOnlySequence<byte> unread)
    {
        // The first packet is CONNECT or nothing. [MQTT-3.1.0-1] Its type is judged before its length is believed.
        if (!unread.IsEmpty && unread.FirstSpan[0] >> 4 != (int)PacketType.Connect)
            ProtocolException.ThrowProtocolError("The first packet is not CONNECT.");

        if (!Frame.TryRead(ref unread, gateway.Options.MaximumPacketSize, out var frame))
            return null;

        var connect = ConnectPacket.Read(frame);
        if (connect.Version is ProtocolVersion.V5)
            ProtocolException.Throw(ReasonCode.UnsupportedProtocolVersion, "MQTT 5 is not there yet.");
        return connect;
    }

    private async Task<Admission?> OpenAsync(ConnectPacket connect, ClientIdentity client)
    {
        // A session on a silo that has just died is up again elsewhere in a moment; opening it twice takes over from nobody.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(transport.ConnectionClosed);
        patience.CancelAfter(gateway.Options.ConnectTimeout);
        SessionTicket ticket;
        try
        {
            var request = RequestOf(connect, client);
            ticket = await Patience.UntilDoneAsync(
                () => gateway.SessionOf(client.ClientId).Open(request), gateway.Time, gateway.Log, patience.Token);
        }
        catch (Exception) when (patience.IsCancellationRequested && !transport.ConnectionClosed.IsCancellationRequested)
        {
            return await RefuseAsync(connect.Version, ReasonCode.ServerUnavailable);
        }

        return new Admission(client, connect.Version, connect.KeepAlive, ReceiveMaximum: ushort.MaxValue, ticket);
    }

    private SessionRequest RequestOf(ConnectPacket connect, ClientIdentity client) => new()
    {
        GatewayId = gateway.Identity.Id,
        Version = connect.Version,
        CleanStart = connect.CleanStart,
        SessionExpiry = connect.CleanStart ? 0 : uint.MaxValue, // before MQTT 5: clean, or kept for ever
        ReceiveMaximum = ushort.MaxValue,
        Will = WillOf(connect),
        UserName = client.UserName,
        RemoteAddress = transport.RemoteEndPoint?.ToString(),
    };

    private static Will? WillOf(ConnectPacket connect)
    {
        if (connect.Will is not { } will)
            return null;

        var topic = Encoding.UTF8.GetBytes(will.Topic);
        var flags = (RecordFlags)will.QoS;
        if (will.Retain)
            flags |= RecordFlags.Retain;
        if (will.QoS is QoS.ExactlyOnce)
            flags |= RecordFlags.ExactlyOnce;

        var record = new byte[MessageRecord.Measure(topic.Length, will.Payload.Length, will.Properties.Length)];
        MessageRecord.WriteHeader(record, flags, topic.Length, will.Payload.Length, expiry: 0, publisher: 0, sequence: 0);
        topic.CopyTo(record, MessageRecord.HeaderSize);
        will.Payload.CopyTo(record.AsMemory(MessageRecord.HeaderSize + topic.Length));
        will.Properties.CopyTo(record.AsMemory(MessageRecord.HeaderSize + topic.Length + will.Payload.Length));
        return new Will { Message = new MessageBatch(record, 1), Delay = will.DelayInterval };
    }

    private async Task<Admission?> RefuseAsync(ProtocolVersion version, ReasonCode reason)
    {
        gateway.Metrics.Refused(reason);
        Log.Refused(gateway.Log, transport.ConnectionId, reason);
        PacketWriter.Write(transport.Transport.Output, new ConnAckPacket { Reason = reason }, version);
        await transport.Transport.Output.FlushAsync();
        return null;
    }
}
