using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Gateway.Sharing;

/// <summary>
/// What shared subscriptions send to one client: each share decides what is sent, when and under which identifier; here
/// acknowledgements find their way back to it.
/// </summary>
internal sealed class SharedFlow(Outbox outbox, ShareSettlements settlements)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Share> _shares = [];
    private readonly Dictionary<ushort, Flight> _open = []; // bounded by the windows of the shares
    private readonly Queue<(Share Share, ShareOffer Offer)> _held = new();
    private readonly List<(Share Share, byte[] Record)> _waiting = [];
    private bool _isHolding;

    /// <summary>What is expected of the client for a message that was sent.</summary>
    private enum Stage : byte
    {
        PubAck,
        PubRec,
        PubComp,
    }

    /// <summary>Takes up a subscription, or a change of it. Its messages wait for <see cref="Continue"/> if it says so.</summary>
    public void Subscribe(Subscription granted)
    {
        lock (_gate)
        {
            if (_shares.TryGetValue(granted.Filter, out var known))
                known.Granted = granted;
            else
                _shares.Add(granted.Filter, new Share(granted));
        }
    }

    /// <summary>Takes nothing new; what is open goes on.</summary>
    public void Unsubscribe(string filter)
    {
        lock (_gate)
            _shares.Remove(filter);
    }

    /// <summary>False when the client is not subscribed. An offer that comes again is not taken again.</summary>
    public bool Deliver(ShareOffer offer)
    {
        lock (_gate)
        {
            if (!_shares.TryGetValue(offer.Filter, out var share))
                return false;
            if (offer.Sequence <= share.LastOffer)
                return true;

            share.LastOffer = offer.Sequence;
            if (_isHolding)
                _held.Enqueue((share, offer));
            else
                Send(share, offer);
            return true;
        }
    }

    /// <summary>Lets deliveries wait until <see cref="Continue"/>: SUBACK is to come before what the subscription brings.</summary>
    public void Hold()
    {
        lock (_gate)
            _isHolding = true;
    }

    public void Continue()
    {
        lock (_gate)
        {
            _isHolding = false;
            while (_held.TryDequeue(out var held))
                Send(held.Share, held.Offer);
        }
    }

    public void OnAck(AckPacket ack)
    {
        lock (_gate)
        {
            var isOpen = _open.TryGetValue(ack.PacketId, out var flight);
            switch (ack.Type)
            {
                case PacketType.PubAck when isOpen && flight.Stage is Stage.PubAck:
                    Finish(ack.PacketId, flight, SettlementKind.Acknowledged);
                    break;
                case PacketType.PubComp when isOpen && flight.Stage is Stage.PubComp:
                    Finish(ack.PacketId, flight, SettlementKind.Completed);
                    break;
                case PacketType.PubRec when isOpen && flight.Stage is Stage.PubRec:
                    _open[ack.PacketId] = flight with { Stage = Stage.PubComp };
                    settlements.Add(flight.Filter, new Settlement(flight.Position, SettlementKind.Received), ack.PacketId);
                    break;
                case PacketType.PubRec when !isOpen:
                    outbox.WriteAck(PacketType.PubRel, ack.PacketId); // so that the client can end its part
                    break;
                default:
                    break; // it does not fit what was sent, so it tells the share nothing
            }
        }
    }

    /// <summary>Tells the shares what the last read brought.</summary>
    public void Settle() => settlements.Send();

    private void Finish(ushort packetId, in Flight flight, SettlementKind kind)
    {
        _open.Remove(packetId);
        settlements.Add(flight.Filter, new Settlement(flight.Position, kind), packetId);

        // An identifier that a share gave out before it was lost and taken up anew may be wanted again.
        for (var i = 0; i < _waiting.Count; i++)
        {
            var (share, bytes) = _waiting[i];
            var record = new MessageRecord(bytes);
            if ((ushort)record.Sequence != packetId)
                continue;
            _waiting.RemoveAt(i);
            Send(share, record);
            return;
        }
    }

    private void Send(Share share, ShareOffer offer)
    {
        foreach (var record in offer.Messages)
        {
            if (record.QoS is not QoS.AtMostOnce && _open.TryGetValue((ushort)record.Sequence, out var flight))
            {
                // A share that was taken up anew may offer what is open here: then there is nothing to do.
                if (flight.Filter != offer.Filter || flight.Position != record.Position)
                    _waiting.Add((share, record.Bytes.ToArray()));
            }
            else
            {
                Send(share, record);
            }
        }

        outbox.Flush();
    }

    private void Send(Share share, in MessageRecord record)
    {
        var packetId = (ushort)record.Sequence;
        var flight = new Flight(share.Granted.Filter, record.Position, Stage.PubComp);
        if (record.Has(RecordFlags.Release))
        {
            _open[packetId] = flight;
            outbox.WriteAck(PacketType.PubRel, packetId);
            return;
        }

        if (record.QoS is not QoS.AtMostOnce)
            _open[packetId] = flight with { Stage = record.QoS is QoS.AtLeastOnce ? Stage.PubAck : Stage.PubRec };
        var retain = share.Granted.RetainAsPublished && record.Has(RecordFlags.Retain);
        outbox.TryPublish(
            record, record.QoS, packetId, retain, record.Has(RecordFlags.Dup),
            mayExceed: record.QoS is not QoS.AtMostOnce); // the window bounds what this adds
    }

    private sealed class Share(Subscription granted)
    {
        public Subscription Granted { get; set; } = granted;

        public long LastOffer { get; set; }
    }

    private readonly record struct Flight(string Filter, long Position, Stage Stage);
}
