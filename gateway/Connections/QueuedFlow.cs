using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// QoS 1 and 2 towards a client with a stored session: the session decides what is sent and when; here positions become
/// packet identifiers, and acknowledgements become settlements.
/// </summary>
internal sealed class QueuedFlow(
    Outbox outbox, Settlements settlements, OwnSubscriptions subscriptions, ulong listener, SendQuota? quota = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Stage> _open = []; // bounded by the session's window
    private readonly RecordQueue _waiting = new(); // for the quota; bounded by the session's window
    private List<MessageBatch>? _held;
    private long _last = -1;

    /// <summary>What is expected of the client for a position that was sent.</summary>
    private enum Stage : byte
    {
        /// <summary>Nothing yet: it waits for the quota.</summary>
        None,

        PubAck,
        PubRec,
        PubComp,
    }

    /// <summary>Messages that the client has not acknowledged.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    /// <summary>Takes all of it: the session's window is the limit.</summary>
    public bool Deliver(MessageBatch batch)
    {
        lock (_gate)
        {
            if (_held is not null)
                _held.Add(batch);
            else
                Send(batch);
            return true;
        }
    }

    /// <summary>Lets deliveries wait until <see cref="Continue"/>: SUBACK is to come before what the subscription brings.</summary>
    public void Hold()
    {
        lock (_gate)
            _held = [];
    }

    public void Continue()
    {
        lock (_gate)
        {
            foreach (var batch in _held ?? [])
                Send(batch);
            _held = null;
        }
    }

    public void OnAck(AckPacket ack)
    {
        lock (_gate)
        {
            var position = _last < 0 ? -1 : PacketIdentifiers.PositionOf(ack.PacketId, _last);
            var isOpen = _open.TryGetValue(position, out var stage);
            switch (ack.Type)
            {
                case PacketType.PubAck when isOpen && stage is Stage.PubAck:
                    Finish(position, SettlementKind.Acknowledged);
                    break;
                case PacketType.PubComp when isOpen && stage is Stage.PubComp:
                    Finish(position, SettlementKind.Completed);
                    break;
                case PacketType.PubRec when ack.Reason.IsError():
                    if (isOpen && stage is Stage.PubRec)
                        Finish(position, SettlementKind.Refused);
                    break;
                case PacketType.PubRec when isOpen && stage is Stage.PubRec:
                    _open[position] = Stage.PubComp;
                    settlements.Add(new Settlement(position, SettlementKind.Received));
                    break;
                case PacketType.PubRec when !isOpen:
                    // so that the client can end its part
                    outbox.WriteAck(PacketType.PubRel, ack.PacketId, ReasonCode.PacketIdentifierNotFound);
                    break;
                default:
                    break; // it does not fit what was sent, so it tells the session nothing
            }
        }
    }

    /// <summary>Sends what waits for the quota, as far as there is any.</summary>
    public void SendWaiting()
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var record) && quota!.TryTake())
            {
                Publish(record);
                _waiting.Dequeue();
            }

            outbox.Flush();
        }
    }

    /// <summary>Tells the session what the last read brought.</summary>
    public void Settle() => settlements.Send();

    private void Finish(long position, SettlementKind kind)
    {
        _open.Remove(position);
        quota?.Give();
        settlements.Add(new Settlement(position, kind));
    }

    private void Send(MessageBatch batch)
    {
        foreach (var record in batch)
        {
            if (record.Position > _last)
                Send(record);
            else if (record.QoS is not QoS.AtMostOnce && !_open.ContainsKey(record.Position))
                SettleAgain(record);
        }

        outbox.Flush();
        settlements.Send();
    }

    private void Send(in MessageRecord record)
    {
        _last = record.Position;
        if (record.Has(RecordFlags.Release))
        {
            _open[record.Position] = Stage.PubComp;
            outbox.WriteAck(PacketType.PubRel, PacketIdentifiers.Of(record.Position));
        }
        else if (record.QoS is QoS.AtMostOnce || (_waiting.Count == 0 && quota?.TryTake() is not false))
        {
            Publish(record);
        }
        else
        {
            _open[record.Position] = Stage.None;
            _waiting.Add(record);
        }
    }

    private void Publish(in MessageRecord record)
    {
        // A message of the retained store knows its subscriptions: not all that match called for it.
        var hearing = record.Has(RecordFlags.Retained)
            ? new Hearing(record.QoS, true, [])
            : subscriptions.HearingOf(record.Topic, isOwn: record.Publisher == listener);
        var retain = record.Has(RecordFlags.Retained) || (hearing.KeepsRetain && record.Has(RecordFlags.Retain));
        var posted = outbox.TryPublish(
            record, record.QoS, PacketIdentifiers.Of(record.Position), retain, record.Has(RecordFlags.Dup), hearing.Identifiers,
            mayExceed: true); // the window bounds what this adds
        if (record.QoS is QoS.AtMostOnce)
            return;

        if (posted is Posted.Discarded)
            Finish(record.Position, SettlementKind.Refused);
        else
            _open[record.Position] = record.QoS is QoS.AtLeastOnce ? Stage.PubAck : Stage.PubRec;
    }

    /// <summary>
    /// A session that was taken up anew offers again what this connection has had. What is open will be acknowledged; what
    /// is not was, but before it was stored, and would stay in the window for ever.
    /// </summary>
    private void SettleAgain(in MessageRecord record)
    {
        if (record.Has(RecordFlags.Release))
        {
            settlements.Add(new Settlement(record.Position, SettlementKind.Completed));
        }
        else if (record.QoS is QoS.AtLeastOnce)
        {
            settlements.Add(new Settlement(record.Position, SettlementKind.Acknowledged));
        }
        else
        {
            _open[record.Position] = Stage.PubComp;
            settlements.Add(new Settlement(record.Position, SettlementKind.Received));
        }
    }
}
