using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// QoS 1 and 2 towards a client whose session ends with its connection: the window, the packet identifiers and what waits
/// behind. Nothing is sent twice, for the session does not outlive the socket.
/// </summary>
internal sealed class OutboundFlow(
    Outbox outbox, GatewayOptions options, int window, GatewayMetrics metrics, SendQuota? quota = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, bool> _inFlight = []; // packet identifier -> PUBREL is out
    private readonly RecordQueue _waiting = new();
    private TaskCompletionSource? _room;
    private ushort _last;
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

    public void OnAck(AckPacket ack)
    {
        if (ack.Type is PacketType.PubRec && !ack.Reason.IsError())
            Release(ack.PacketId);
        else
            Finish(ack.PacketId, isReleased: ack.Type is PacketType.PubComp); // a PUBREC that refuses ends it, too
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

    /// <summary>PUBREC: answered with PUBREL also when the identifier is unknown, so that the client can end its part.</summary>
    private void Release(ushort packetId)
    {
        lock (_gate)
        {
            var isKnown = _inFlight.ContainsKey(packetId);
            if (isKnown)
                _inFlight[packetId] = true;
            outbox.WriteAck(
                PacketType.PubRel, packetId, isKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound);
        }
    }

    private void Finish(ushort packetId, bool isReleased)
    {
        lock (_gate)
        {
            if (!_inFlight.TryGetValue(packetId, out var state) || state != isReleased)
                return;

            _inFlight.Remove(packetId);
            if (quota is null)
                SendWaiting();
            else
                quota.Give(); // to whom it goes is not for us to say
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

    private bool TryTakePlace() => _inFlight.Count < window && quota?.TryTake() is not false;

    private void Send(in MessageRecord record, QoS qos, bool retain, ReadOnlySpan<int> subscriptionIdentifiers)
    {
        var packetId = NextPacketId();

        // The window bounds what this adds to a full outbox.
        var posted = outbox.TryPublish(
            record, qos, packetId, retain, dup: false, subscriptionIdentifiers, mayExceed: true);
        if (posted is Posted.Discarded)
            quota?.Give();
        else
            _inFlight.Add(packetId, false);
    }

    // Never one that is in flight [MQTT-2.3.1-4]: the window is smaller than the number of identifiers.
    private ushort NextPacketId()
    {
        do
        {
            _last = _last == PacketIdentifiers.Span ? (ushort)1 : (ushort)(_last + 1);
        }
        while (_inFlight.ContainsKey(_last));
        return _last;
    }
}
