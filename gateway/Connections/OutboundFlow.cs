using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// QoS 1 and 2 towards a client whose session ends with its connection: the window, the packet identifiers and what waits
/// behind. Nothing is sent twice, for the session does not outlive the socket. The outbox's gate guards it all: what takes a
/// place in the window is written at once.
/// </summary>
internal sealed class OutboundFlow(
    Outbox outbox, GatewayOptions options, int window, GatewayMetrics metrics, SendQuota? quota = null)
{
    private readonly Lock _gate = outbox.Gate;
    private readonly PacketIdWindow _inFlight = new();
    private readonly RecordQueue _waiting = new();
    private List<AckPacket>? _acks; // the read loop's own
    private TaskCompletionSource? _room;
    private bool _isClosed;

    /// <summary>What the client has not acknowledged, and what waits behind that.</summary>
    public (int InFlight, int Waiting, int WaitingBytes) Load
    {
        get
        {
            lock (_gate)
                return (_inFlight.Count, _waiting.Count, _waiting.Length);
        }
    }

    private bool HasRoom =>
        _waiting.Count <= options.MaximumWaitingMessages / 2 && _waiting.Length <= options.MaximumWaitingBytes / 2;

    /// <summary>Sends the message or lets it wait; false when too many wait already.</summary>
    public bool TryPublish(in MessageRecord record, QoS qos, bool retain, ReadOnlySpan<int> subscriptionIdentifiers = default)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;

            if (_waiting.Count == 0 && TryTakePlace())
            {
                Send(record, qos, retain, subscriptionIdentifiers);
                return true;
            }

            if (_waiting.Count >= options.MaximumWaitingMessages || _waiting.Length >= options.MaximumWaitingBytes)
            {
                metrics.WaitingFull();
                return false;
            }

            var flags = MessageRecord.WithQoS(record.Flags, qos) & ~RecordFlags.Retained;
            var waiting = _waiting.Add(record, subscriptionIdentifiers);
            MessageRecord.PatchFlags(waiting, retain ? flags | RecordFlags.Retained : flags);
            return true;
        }
    }

    /// <summary>Messages for this client alone; false when they were not all taken.</summary>
    public bool Deliver(MessageBatch batch)
    {
        var areTaken = true;
        foreach (var record in batch)
        {
            areTaken &= record.QoS is QoS.AtMostOnce
                ? outbox.TryPublish(record, record.QoS, 0, retain: false, dup: false) is not Posted.NotTaken
                : TryPublish(record, record.QoS, retain: false);
        }

        outbox.Flush();
        return areTaken;
    }

    /// <summary>What the client acknowledges; takes effect with <see cref="Settle"/>.</summary>
    public void OnAck(AckPacket ack) => (_acks ??= []).Add(ack);

    /// <summary>Makes room by what the last read brought, and sends what waits for it.</summary>
    public void Settle()
    {
        if (_acks is not { Count: > 0 })
            return;

        lock (_gate)
        {
            foreach (var ack in _acks)
                TakeEffect(ack);
            if (quota is null)
                SendWaiting(); // else to whom the room goes is not for us to say
        }

        _acks.Clear();
    }

    /// <summary>Waits until fewer messages wait than may; for who can wait, as retained messages can.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_isClosed || HasRoom)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.Release();
            _room?.TrySetResult();
        }
    }

    /// <summary>Sends what waits, as far as there is room.</summary>
    public void SendWaiting()
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var record) && TryTakePlace())
            {
                Send(record, record.QoS, record.Has(RecordFlags.Retained), []);
                _waiting.Dequeue();
            }

            if (HasRoom)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }

    private void TakeEffect(AckPacket ack)
    {
        if (ack.Type is PacketType.PubRec && !ack.Reason.IsError())
        {
            // Answered also when the identifier is unknown, so that the client can end its part.
            outbox.WriteAckHeld(
                PacketType.PubRel, ack.PacketId,
                _inFlight.Release(ack.PacketId) ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound);
        }
        else if (_inFlight.Finish(ack.PacketId, isReleased: ack.Type is PacketType.PubComp))
        {
            quota?.Give(); // a PUBREC that refuses ends it, too
        }
    }

    private bool TryTakePlace() => _inFlight.Count < window && quota?.TryTake() is not false;

    private void Send(in MessageRecord record, QoS qos, bool retain, ReadOnlySpan<int> subscriptionIdentifiers)
    {
        var packetId = _inFlight.Take();

        // The window bounds what this adds to a full outbox.
        var posted = outbox.TryPublishHeld(
            record, qos, packetId, retain, dup: false, subscriptionIdentifiers, mayExceed: true);
        if (posted is not Posted.Discarded)
            return;
        _inFlight.Finish(packetId, isReleased: false);
        quota?.Give();
    }
}
