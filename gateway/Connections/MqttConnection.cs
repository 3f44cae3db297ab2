using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Security;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>A client that is in: listens and dispatches.</summary>
internal sealed partial class MqttConnection : Overdue
{
    private readonly GatewayParts _gateway;
    private readonly Admission _admission;
    private readonly ConnectionContext _transport;
    private readonly PublishRules _rules;
    private readonly InboundAliases? _aliases; // of MQTT 5
    private readonly InboundFlow _inbound;
    private readonly ConnectionSubscriptions _subscriptions;
    private readonly OutboundFlow? _live;
    private readonly QueuedFlow? _queued;
    private readonly OwnSubscriptions _own = new();
    private readonly SendQuota? _quota;
    private readonly Departure _departure;
    private readonly int _allowedSilence;
    private ISessionHostGrain? _session;
    private int _packets; // of this read
    private int _lastHeard;
    private bool _saidGoodbye;
    private volatile bool _isWelcomed;

    public MqttConnection(GatewayParts gateway, Admission admission, ConnectionContext transport)
    {
        _gateway = gateway;
        _admission = admission;
        _transport = transport;
        Outbox = new Outbox(
            transport.Transport.Output, admission.Terms, gateway.Options.MaximumUnsentBytes, gateway.Time, gateway.Metrics.Traffic);
        _departure = new Departure(Outbox, admission.Terms, transport, gateway, this);
        _rules = new PublishRules(gateway, admission);
        _aliases = admission.Terms.IsVersion5 ? new InboundAliases(gateway.Options.TopicAliasMaximum) : null;
        _inbound = new InboundFlow(gateway, admission, IsPersistent ? Session : null, Outbox, Fail, transport.ConnectionClosed);
        _quota = admission.Terms.ReceiveMaximum == ushort.MaxValue ? null : new SendQuota(admission.Terms.ReceiveMaximum);
        if (IsPersistent)
        {
            var settlements = new Settlements(
                Session, Epoch, Outbox, Fail, gateway.Time, gateway.Log, transport.ConnectionClosed);
            _queued = new QueuedFlow(Outbox, settlements, _own, admission.Ticket.Publisher, _quota);
        }
        else
        {
            var window = Math.Min(gateway.Options.MaximumInFlight, admission.Terms.ReceiveMaximum);
            _live = new OutboundFlow(Outbox, gateway.Options, window, gateway.Metrics, _quota);
        }

        _subscriptions = new ConnectionSubscriptions(gateway, admission, this, _own, _live, _queued);

        // One and a half times what was promised, [MQTT-3.1.2-24]; a tick more, since a packet may come at a tick's end.
        _allowedSilence = admission.KeepAlive == 0
            ? Never
            : (admission.KeepAlive * Heartbeat.TicksPerSecond * 3 / 2) + 2;
        _lastHeard = gateway.Heartbeat.Now;
    }

    public ClientIdentity Client => _admission.Client;

    public string ClientId => Client.ClientId;

    public long Epoch => _admission.Ticket.Epoch;

    public bool IsPersistent => _admission.Ticket.IsPersistent;

    public Admission Admission => _admission;

    public string? RemoteAddress => _transport.RemoteEndPoint?.ToString();

    public ConnectionSubscriptions Subscriptions => _subscriptions;

    public Outbox Outbox { get; }

    /// <summary>Its grain; the reference is made when it is needed, and few need it.</summary>
    public ISessionHostGrain Session => _session ??= _gateway.SessionOf(ClientId);

    /// <summary>What waits for the client, and what it waits for.</summary>
    public ConnectionLoad Load => new(Outbox, _live?.Load ?? (_queued?.InFlight ?? 0, 0, 0), _inbound.UnansweredBatches);

    /// <summary>Whether the client said DISCONNECT, so that its will is not published. [MQTT-3.14.4-3]</summary>
    public CloseReason CloseReason { get; private set; } = CloseReason.Lost;

    /// <summary>What DISCONNECT said of the session's life, in seconds; null when CONNECT's word stands.</summary>
    public uint? SessionExpiry { get; private set; }

    private ProtocolVersion Version => _admission.Terms.Version;

    /// <summary>Takes up what the session is subscribed to, tells the client that it is in, and serves it to the end.</summary>
    public async Task RunAsync()
    {
        try
        {
            _gateway.Heartbeat.Watch(this, SilentTill);
            await WelcomeAsync();
            if (IsPersistent)
                await ResumeAsync();

            await ListenAsync();
            await LeaveAsync();
        }
        catch (Exception trouble)
        {
            _departure.Explain(trouble);
            throw;
        }
        finally
        {
            if (_departure.HasBegun)
                await _departure.DrainAsync();
            _gateway.Heartbeat.Unwatch(this);
            Outbox.Close();
            _live?.Close();
            _subscriptions.RemoveAll();
        }
    }

    /// <summary>Wakes a persistent session that may have been lost with its silo.</summary>
    public async Task ResumeSessionAsync()
    {
        if (!_isWelcomed)
            return; // nothing of it may come before CONNACK [MQTT-3.2.0-1]; it is woken behind that anyway

        try
        {
            await ResumeAsync();
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

    private Task ResumeAsync() => Patience.UntilDoneAsync(
        () => Session.Resume(Epoch), _gateway.Time, _gateway.Log, _transport.ConnectionClosed);

    private async Task WelcomeAsync()
    {
        var restored = await _subscriptions.RestoreAsync(_admission.Ticket.Subscriptions);
        var isIn = Outbox.Write(
            new ConnAckPacket { SessionPresent = _admission.Ticket.SessionPresent, Properties = _admission.Welcome },
            then: () => _subscriptions.Activate(restored));
        if (!isIn)
            _subscriptions.Withdraw(restored);
        _isWelcomed = true;
        Outbox.Flush();
    }

    private async Task ListenAsync()
    {
        var input = _transport.Transport.Input;
        while (!_saidGoodbye && !_departure.HasBegun)
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
                _gateway.Metrics.Traffic.Received(_packets, read.Buffer.Length - unread.Length);
                _packets = 0;

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
        while (!_saidGoodbye && !_departure.HasBegun
            && Frame.TryRead(ref unread, _gateway.Options.MaximumPacketSize, out var frame, Version))
        {
            _packets++;
            Volatile.Write(ref _lastHeard, _gateway.Heartbeat.Now); // whole packets count, bytes do not [MQTT-3.1.2-24]
            if (frame.Type is PacketType.Publish)
                OnPublish(PublishPacket.Read(frame, Version));
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
                OnAck(AckPacket.Read(frame, Version));
                return null;
            case PacketType.PubRel:
                _inbound.OnPubRel(AckPacket.Read(frame, Version).PacketId);
                return null;
            case PacketType.PingReq:
                PingPacket.Read(frame, Version);
                Outbox.Write(PingPacket.Response);
                return null;
            case PacketType.Subscribe:
                return AfterPublishes(SubscribePacket.Read(frame, Version), _subscriptions.SubscribeAsync);
            case PacketType.Unsubscribe:
                return AfterPublishes(UnsubscribePacket.Read(frame, Version), _subscriptions.UnsubscribeAsync);
            case PacketType.Disconnect:
                OnDisconnect(DisconnectPacket.Read(frame, Version));
                return null;
            case PacketType.Auth:
                return AuthenticateAsync(AuthPacket.Read(frame, Version));
            default:
                throw new ProtocolException(ReasonCode.ProtocolError, $"{frame.Type} is not for a client to send now.");
        }
    }

    private void OnPublish(scoped in PublishPacket packet)
    {
        if (packet.Known.TopicAlias == 0)
            Take(packet);
        else
            Take(packet with { Topic = _aliases!.Resolve(packet) });
    }

    private void Take(scoped in PublishPacket packet)
    {
        var verdict = _rules.Judge(packet);
        if (verdict is ReasonCode.Success)
            _inbound.Add(packet);
        else
            _inbound.Refuse(packet, verdict);
    }

    private void OnDisconnect(DisconnectPacket packet)
    {
        if (packet.SessionExpiryInterval is > 0 && _admission.Terms.SessionExpiry == 0)
            ProtocolException.ThrowProtocolError("A session that was to end with its connection is not to outlive it.");

        if (packet.SessionExpiryInterval is { } asked)
            SessionExpiry = _gateway.Options.GrantExpiry(asked);
        if (packet.Reason is ReasonCode.Success)
            CloseReason = CloseReason.Disconnected;
        _saidGoodbye = true;
    }

    private void OnAck(AckPacket ack)
    {
        if (PacketIdentifiers.IsShared(ack.PacketId))
            Shared.OnAck(ack);
        else if (_queued is not null)
            _queued.OnAck(ack);
        else
            _live!.OnAck(ack);
    }

    // What the client said before, it said before: it is handed in first.
    private async Task AfterPublishes<TPacket>(TPacket packet, Func<TPacket, Task> handle)
    {
        await _inbound.SendAsync();
        await _inbound.Routed;
        await handle(packet);
    }

    /// <summary>What one read has brought leaves together: the messages to the router, the answers to the client.</summary>
    private async ValueTask FinishReadAsync()
    {
        _live?.Settle();
        if (_quota is not null)
            SendWaiting();
        _shared?.Settle();
        _queued?.Settle(); // first: what is settled makes room for what is published
        await _inbound.SendAsync();
        Outbox.Flush();

        // Who does not read what we answer is not read from either.
        if (Outbox.IsFull)
            await Outbox.WaitForRoomAsync();
    }
}
