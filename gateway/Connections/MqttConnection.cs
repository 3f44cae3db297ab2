using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>A client that is in: listens and dispatches.</summary>
internal sealed class MqttConnection : IOverdue
{
    private readonly GatewayParts _gateway;
    private readonly Admission _admission;
    private readonly ConnectionContext _transport;
    private readonly ISessionHostGrain _session;
    private readonly InboundFlow _inbound;
    private readonly ConnectionSubscriptions _subscriptions;
    private readonly OutboundFlow? _live;
    private readonly QueuedFlow? _queued;
    private readonly int _allowedSilence;
    private int _lastHeard;
    private bool _saidGoodbye;

    public MqttConnection(GatewayParts gateway, Admission admission, ConnectionContext transport)
    {
        _gateway = gateway;
        _admission = admission;
        _transport = transport;
        _session = gateway.SessionOf(ClientId);
        Outbox = new Outbox(transport.Transport.Output, admission.Version, gateway.Options.MaximumUnsentBytes);
        _inbound = new InboundFlow(gateway, admission, _session, Outbox, Fail, transport.ConnectionClosed);
        if (IsPersistent)
        {
            var settlements = new Settlements(
                _session, Epoch, Outbox, Fail, gateway.Time, gateway.Log, transport.ConnectionClosed);
            _queued = new QueuedFlow(Outbox, settlements);
        }
        else
        {
            var window = Math.Min(gateway.Options.MaximumInFlight, admission.ReceiveMaximum);
            _live = new OutboundFlow(Outbox, gateway.Options, window, gateway.Metrics);
        }

        _subscriptions = new ConnectionSubscriptions(gateway, admission, this, _session, _live, _queued);

        // One and a half times what was promised, [MQTT-3.1.2-24]; a tick more, since a packet may come at a tick's end.
        _allowedSilence = admission.KeepAlive == 0
            ? int.MaxValue
            : (admission.KeepAlive * Heartbeat.TicksPerSecond * 3 / 2) + 1;
        _lastHeard = gateway.Heartbeat.Now;
    }

    public string ClientId => _admission.Client.ClientId;

    public long Epoch => _admission.Ticket.Epoch;

    public bool IsPersistent => _admission.Ticket.IsPersistent;

    public Admission Admission => _admission;

    public string? RemoteAddress => _transport.RemoteEndPoint?.ToString();

    public ConnectionSubscriptions Subscriptions => _subscriptions;

    public Outbox Outbox { get; }

    /// <summary>What waits for the client, and what it waits for.</summary>
    public ConnectionLoad Load => new(Outbox, _live?.Load ?? (_queued?.InFlight ?? 0, 0, 0), _inbound.UnansweredBatches);

    /// <summary>Whether the client said DISCONNECT, so that its will is not published. [MQTT-3.14.4-3]</summary>
    public CloseReason CloseReason => _saidGoodbye ? CloseReason.Disconnected : CloseReason.Lost;

    /// <summary>Takes up what the session is subscribed to, tells the client that it is in, and serves it to the end.</summary>
    public async Task RunAsync()
    {
        try
        {
            if (_admission.Ticket.Subscriptions.Length > 0)
                await _subscriptions.RestoreAsync(_admission.Ticket.Subscriptions);

            Outbox.Write(new ConnAckPacket { SessionPresent = _admission.Ticket.SessionPresent });
            Outbox.Flush();
            if (IsPersistent)
                await _session.Resume(Epoch);

            _gateway.Heartbeat.Watch(this);
            await ListenAsync();
        }
        finally
        {
            _gateway.Heartbeat.Unwatch(this);
            Outbox.Close();
            _live?.Close();
            _subscriptions.RemoveAll();
        }
    }

    /// <summary>A message as it passes. What the session's queue will bring is not wanted here.</summary>
    public Delivered DeliverLive(in MessageRecord record, in Subscriber subscriber)
    {
        if (IsPersistent && record.QoS is not QoS.AtMostOnce && subscriber.QoS is not QoS.AtMostOnce)
            return Delivered.NotWanted;
        if (!subscriber.HearsItself && record.Publisher == _admission.Ticket.Publisher)
            return Delivered.NotWanted;

        var isRetain = record.Has(RecordFlags.Retain);
        if (isRetain)
            _subscriptions.NoteLive(record.Topic);

        var retain = subscriber.KeepsRetain && isRetain; // to an existing subscription: 0 [MQTT3-3.3.1-9]
        var qos = record.QoS < subscriber.QoS ? record.QoS : subscriber.QoS;
        var isTaken = qos is QoS.AtMostOnce
            ? Outbox.TryPublish(record, qos, 0, retain, dup: false)
            : _live!.TryPublish(record, qos, retain);
        return isTaken ? Delivered.Written : Delivered.Dropped;
    }

    /// <summary>Wakes a persistent session that may have been lost with its silo.</summary>
    public async Task ResumeSessionAsync()
    {
        try
        {
            await Patience.UntilDoneAsync(
                () => _session.Resume(Epoch), _gateway.Time, _gateway.Log, _transport.ConnectionClosed);
        }
        catch (StaleEpochException)
        {
            Close(ReasonCode.SessionTakenOver); // while nobody could tell us
        }
        catch (OperationCanceledException)
        {
            // the client has gone meanwhile
        }
    }

    /// <summary>
    /// A part of the session's stored queue, or messages for a client without one. False when they were not all taken.
    /// </summary>
    public bool DeliverQueued(MessageBatch batch) => _queued?.Deliver(batch) ?? _live!.Deliver(batch);

    public void Check(int tick)
    {
        if (tick - Volatile.Read(ref _lastHeard) > _allowedSilence)
            Close(ReasonCode.KeepAliveTimeout);
    }

    /// <summary>Ends the connection at once: nothing more is sent or acknowledged. An older client is not told why.</summary>
    public void Close(ReasonCode reason)
    {
        Outbox.Close();
        _transport.Abort(new ConnectionAbortedException(reason.ToString()));
    }

    private void Fail(Exception failure)
    {
        if (failure is not (StaleEpochException or OperationCanceledException))
            _gateway.Log.NotStored(failure.Message);
        Close(ReasonCode.UnspecifiedError);
    }

    private async Task ListenAsync()
    {
        var input = _transport.Transport.Input;
        while (!_saidGoodbye)
        {
            var read = await input.ReadAsync();
            var unread = read.Buffer;
            try
            {
                while (HandleFrames(ref unread) is { } pending)
                    await pending;
                await FinishReadAsync();
            }
            catch (ProtocolException)
            {
                await FinishReadAsync(); // what was said before the mistake was said
                throw;
            }
            finally
            {
                // Consumed up to the first broken-off frame, looked at to the end: the next read waits for news.
                input.AdvanceTo(unread.Start, unread.End);
            }

            if (read.IsCompleted || read.IsCanceled)
                return;
        }
    }

    /// <summary>Handles what is there; stops early with a task when the rest must wait for it.</summary>
    private Task? HandleFrames(ref ReadOnlySequence<byte> unread)
    {
        while (!_saidGoodbye
            && Frame.TryRead(ref unread, _gateway.Options.MaximumPacketSize, out var frame, _admission.Version))
        {
            Volatile.Write(ref _lastHeard, _gateway.Heartbeat.Now); // whole packets count, bytes do not [MQTT-3.1.2-24]
            if (frame.Type is PacketType.Publish)
                OnPublish(PublishPacket.Read(frame, _admission.Version));
            else if (Handle(frame) is { } pending)
                return pending;
        }

        return null;
    }

    private Task? Handle(in Frame frame)
    {
        switch (frame.Type)
        {
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubComp:
                OnAck(AckPacket.Read(frame, _admission.Version));
                return null;
            case PacketType.PubRel:
                _inbound.OnPubRel(AckPacket.Read(frame, _admission.Version).PacketId);
                return null;
            case PacketType.PingReq:
                PingPacket.Read(frame, _admission.Version);
                Outbox.Write(PingPacket.Response);
                return null;
            case PacketType.Subscribe:
                return AfterPublishes(SubscribePacket.Read(frame, _admission.Version), _subscriptions.SubscribeAsync);
            case PacketType.Unsubscribe:
                return AfterPublishes(UnsubscribePacket.Read(frame, _admission.Version), _subscriptions.UnsubscribeAsync);
            case PacketType.Disconnect:
                DisconnectPacket.Read(frame, _admission.Version);
                _saidGoodbye = true;
                return null;
            default:
                throw new ProtocolException(ReasonCode.ProtocolError, $"{frame.Type} is not for a client to send now.");
        }
    }

    private void OnPublish(in PublishPacket packet)
    {
        if (_gateway.Authorizer.MayPublish(_admission.Client, packet.Topic))
            _inbound.Add(packet);
        else
            _inbound.Refuse(packet);
    }

    private void OnAck(AckPacket ack)
    {
        if (_queued is not null)
            _queued.OnAck(ack);
        else
            _live!.OnAck(ack);
    }

    // What the client said before, it said before: it is handed in first.
    private async Task AfterPublishes<TPacket>(TPacket packet, Func<TPacket, Task> handle)
    {
        await _inbound.SendAsync();
        await handle(packet);
    }

    /// <summary>What one read has brought leaves together: the messages to the router, the answers to the client.</summary>
    private async ValueTask FinishReadAsync()
    {
        _queued?.Settle(); // first: what is settled makes room for what is published
        await _inbound.SendAsync();
        Outbox.Flush();

        // Who does not read what we answer is not read from either.
        if (Outbox.IsFull)
            await Outbox.WaitForRoomAsync();
    }
}
