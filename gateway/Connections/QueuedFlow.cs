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
internal sealed class QueuedFlow(Outbox outbox, Settlements settlements)
{
    private readonly Lock _gate = new();
    private List<MessageBatch>? _held;
    private long _last = -1;

    public void Deliver(MessageBatch batch)
    {
        lock (_gate)
        {
            if (_held is not null)
                _held.Add(batch);
            else
                Send(batch);
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
        long position;
        lock (_gate)
            position = _last < 0 ? -1 : PacketIdentifiers.PositionOf(ack.PacketId, _last);
        if (position < 0)
            return; // nothing was ever sent on this connection

        settlements.Add(new Settlement(position, ack.Type switch
        {
            PacketType.PubAck => SettlementKind.Acknowledged,
            PacketType.PubRec => SettlementKind.Received,
            _ => SettlementKind.Completed,
        }));
    }

    /// <summary>Tells the session what the last read brought.</summary>
    public void Settle() => settlements.Send();

    private void Send(MessageBatch batch)
    {
        foreach (var record in batch)
        {
            // A session that was taken up anew offers again what this connection has had: once is enough.
            if (record.Position <= _last)
                continue;

            _last = record.Position;
            var packetId = PacketIdentifiers.Of(record.Position);
            if (record.Has(RecordFlags.Release))
                outbox.WriteAck(PacketType.PubRel, packetId);
            else
                outbox.TryPublish(
                    record, record.QoS, packetId, record.Has(RecordFlags.Retained), record.Has(RecordFlags.Dup),
                    mayExceed: true); // the window bounds what this adds
        }

        outbox.Flush();
    }
}
