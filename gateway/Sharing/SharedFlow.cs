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
internal sealed class SharedFlow(Outbox outbox, ShareSettlements settlements, SendQuota? quota = null)
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
                _shares.Add(granted.Filter, new Share(granted.Filter, granted));
        }
    }

    /// <summary>Takes nothing new; what is open goes on. [MQTT-3.10.4-3]</summary>
    public void Unsubscribe(string filter)
    {
        lock (_gate)
        {
            if (!_shares.TryGetValue(filter, out var share))
                return;
            share.Granted = null;
            ForgetIfOver(share);
        }
    }

    /// <summary>
    /// Who is not subscribed takes only what is to be finished. An offer that comes again is not taken again.
    /// </summary>
    public ShareAnswer Deliver(ShareOffer offer)
    {
        lock (_gate)
        {
            if (!_shares.TryGetValue(offer.Filter, out var share))
                _shares.Add(offer.Filter, share = new Share(offer.Filter, null));
            if (offer.Sequence <= share.LastOffer)
                return ShareAnswer.Taken;

            var isTaken = share.Granted is not null || OnlyFinishes(offer);
            if (isTaken)
                Take(share, offer);
            ForgetIfOver(share);
            return isTaken ? ShareAnswer.Taken : ShareAnswer.NotSubscribed;
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
                case PacketType.PubRec when ack.Reason.IsError():
                    if (isOpen && flight.Stage is Stage.PubRec)
                        Finish(ack.PacketId, flight, SettlementKind.Refused); // [MQTT-4.8.2-6]
                    break;
                case PacketType.PubRec when isOpen && flight.Stage is Stage.PubRec:
                    _open[ack.PacketId] = flight with { Stage = Stage.PubComp };
                    settlements.Add(flight.Share.Filter, new Settlement(flight.Position, SettlementKind.Received), ack.PacketId);
                    break;
                case PacketType.PubRec when !isOpen:
                    // so that the client can end its part
                    outbox.WriteAck(PacketType.PubRel, ack.PacketId, ReasonCode.PacketIdentifierNotFound);
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
        flight.Share.Open--;
        ForgetIfOver(flight.Share);
        settlements.Add(flight.Share.Filter, new Settlement(flight.Position, kind), packetId);
        quota?.Give();
        if (quota is null)
            SendWaiting();
    }

    /// <summary>
    /// Sends what waits: for the quota, or for an identifier that its share gave out before it was lost and taken up anew.
    /// </summary>
    public void SendWaiting()
    {
        lock (_gate)
        {
            for (var i = 0; i < _waiting.Count;)
            {
                var (share, bytes) = _waiting[i];
                if (TrySend(share, new MessageRecord(bytes)))
                    _waiting.RemoveAt(i);
                else
                    i++;
            }

            outbox.Flush();
        }
    }

    private static bool OnlyFinishes(ShareOffer offer)
    {
        foreach (var record in offer.Messages)
        {
            if (!record.Has(RecordFlags.Release | RecordFlags.Dup))
                return false;
        }

        return true;
    }

    private void ForgetIfOver(Share share)
    {
        if (share is { Granted: null, Open: 0 } && !_isHolding)
            _shares.Remove(share.Filter);
    }

    private void Take(Share share, ShareOffer offer)
    {
        share.LastOffer = offer.Sequence;
        if (_isHolding)
            _held.Enqueue((share, offer));
        else
            Send(share, offer);
    }

    private void Send(Share share, ShareOffer offer)
    {
        foreach (var record in offer.Messages)
        {
            if (!IsHere(share, record) && !TrySend(share, record))
                _waiting.Add((share, record.Bytes.ToArray()));
        }

        outbox.Flush();
    }

    // A share that was taken up anew cannot know what is open here.
    private bool IsHere(Share share, in MessageRecord record)
    {
        if (_open.TryGetValue((ushort)record.Sequence, out var flight) && flight.Share == share && flight.Position == record.Position)
            return true;

        var position = record.Position;
        return _waiting.Exists(waiting => waiting.Share == share && new MessageRecord(waiting.Record).Position == position);
    }

    private bool TrySend(Share share, in MessageRecord record)
    {
        var packetId = (ushort)record.Sequence;
        if (record.Has(RecordFlags.Release))
        {
            if (!TryOpen(share, record))
                return false;
            outbox.WriteAck(PacketType.PubRel, packetId);
            return true;
        }

        if (record.QoS is not QoS.AtMostOnce && (_open.ContainsKey(packetId) || quota?.TryTake() is false || !TryOpen(share, record)))
            return false;

        var retain = share.Granted is { RetainAsPublished: true } && record.Has(RecordFlags.Retain);
        var posted = outbox.TryPublish(
            record, record.QoS, packetId, retain, record.Has(RecordFlags.Dup), share.Identifiers,
            mayExceed: record.QoS is not QoS.AtMostOnce); // the window bounds what this adds
        if (posted is Posted.Discarded && _open.TryGetValue(packetId, out var flight))
            Finish(packetId, flight, SettlementKind.Refused);
        return true;
    }

    private bool TryOpen(Share share, in MessageRecord record)
    {
        if (!_open.TryAdd((ushort)record.Sequence, new Flight(share, record.Position, StageOf(record))))
            return false;
        share.Open++;
        return true;
    }

    private static Stage StageOf(in MessageRecord record) =>
        record.Has(RecordFlags.Release) ? Stage.PubComp : record.QoS is QoS.AtLeastOnce ? Stage.PubAck : Stage.PubRec;

    private sealed class Share(string filter, Subscription? granted)
    {
        public string Filter => filter;

        /// <summary>Null when the client has unsubscribed, or has come back after that.</summary>
        public Subscription? Granted { get; set; } = granted;

        /// <summary>The Subscription Identifier, if there is one (MQTT 5).</summary>
        public int[] Identifiers => Granted is { Identifier: not 0 } ? [(int)Granted.Identifier] : [];

        public long LastOffer { get; set; }

        /// <summary>Messages that the client has not finished.</summary>
        public int Open { get; set; }
    }

    private readonly record struct Flight(Share Share, long Position, Stage Stage);
}
