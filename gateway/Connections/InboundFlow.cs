using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// What one client publishes: gathered into a batch while its bytes are read, handed in once a read, and acknowledged in
/// order when it is safe. Used by the connection's read loop only; answers run beside it.
/// </summary>
internal sealed class InboundFlow(
    GatewayParts gateway, Admission admission, ISessionHostGrain session, Outbox outbox, Action<Exception> fail,
    CancellationToken gone)
{
    private readonly PublicationSource _source = new(admission.Client.ClientId, gone);
    private readonly Queue<InboundBatch> _unanswered = new();
    private readonly HashSet<ushort> _received = []; // QoS 2 packets between PUBLISH and PUBREL
    private ulong _sequence = Sequences.FirstOf(admission.Ticket.Epoch);
    private InboundBatch? _filling;
    private InboundBatch? _spare;
    private Task _routed = Task.CompletedTask;
    private TaskCompletionSource? _room;
    private bool _isAnswering;

    /// <summary>Batches that wait for their acknowledgement.</summary>
    public int UnansweredBatches
    {
        get
        {
            lock (_unanswered)
                return _unanswered.Count;
        }
    }

    public void Add(in PublishPacket packet)
    {
        var batch = _filling ??= NewBatch();
        if (packet.QoS is QoS.ExactlyOnce && !_received.Add(packet.PacketId))
        {
            // Sent again before its PUBREL: the same message, so only the answer is repeated. [MQTT-4.3.3-2]
            batch.Answers.Add(new Answer(packet.PacketId, packet.QoS, -1));
            return;
        }

        if (packet.QoS is not QoS.AtMostOnce)
            batch.Answers.Add(new Answer(packet.PacketId, packet.QoS, batch.Publications.Count));

        batch.NeedsReceipt |= packet.QoS is QoS.ExactlyOnce && admission.Ticket.IsPersistent;
        batch.Publications.HasRetained |= packet.Retain;
        Write(packet, batch.Publications.Records);
    }

    /// <summary>
    /// A PUBLISH that the rules forbid: a 3.1.1 client is told that all is well, as the standard has it. [MQTT-3.3.5-2]
    /// </summary>
    public void Refuse(in PublishPacket packet)
    {
        if (packet.QoS is QoS.AtMostOnce)
            return;

        (_filling ??= NewBatch()).Answers.Add(new Answer(packet.PacketId, packet.QoS, -1));
        if (packet.QoS is QoS.ExactlyOnce)
            _received.Add(packet.PacketId);
    }

    /// <summary>Hands in what was gathered. Waits only when too much is unanswered already: then the client is not read.</summary>
    public ValueTask SendAsync()
    {
        if (_filling is not { } batch)
            return ValueTask.CompletedTask;

        _filling = null;
        DemandOrder();
        gateway.Metrics.Published(batch.Publications.Count);
        if (_routed.IsCompleted && batch is { NeedsReceipt: false, Publications.HasRetained: false })
        {
            var stored = gateway.Ingress.Route(batch.Publications);
            if (stored.IsCompletedSuccessfully && _unanswered.Count == 0 && batch.Releases.Count == 0)
            {
                WriteAnswers(batch);
                Recycle(batch);
                return ValueTask.CompletedTask;
            }

            batch.Stored = stored.AsTask();
        }
        else
        {
            var routed = new TaskCompletionSource();
            batch.Stored = PrepareAndRouteAsync(batch, _routed, routed);
            _routed = routed.Task;
        }

        return EnqueueAsync(batch);
    }

    /// <summary>PUBREL: the packet's identifier is free again when the answer is sent.</summary>
    public void OnPubRel(ushort packetId)
    {
        _received.Remove(packetId);
        if (!admission.Ticket.IsPersistent)
            outbox.WriteAck(PacketType.PubComp, packetId);
        else
            (_filling ??= NewBatch()).Releases.Add(packetId);
    }

    private InboundBatch NewBatch()
    {
        var batch = Interlocked.Exchange(ref _spare, null) ?? new InboundBatch();
        batch.Publications.Source = _source;
        return batch;
    }

    private void Write(in PublishPacket packet, RecordBlock records)
    {
        var record = records.Add(MessageRecord.Measure(packet.Topic.Length, packet.PayloadLength, packet.Properties.Length));
        var flags = (RecordFlags)packet.QoS;
        if (packet.Retain)
            flags |= RecordFlags.Retain;
        if (packet.QoS is QoS.ExactlyOnce)
            flags |= RecordFlags.ExactlyOnce;

        var sequence = packet.QoS is QoS.AtMostOnce ? 0 : ++_sequence;
        MessageRecord.WriteHeader(
            record, flags, packet.Topic.Length, packet.PayloadLength, expiry: 0, admission.Ticket.Publisher, sequence);
        var at = MessageRecord.HeaderSize;
        packet.Topic.CopyTo(record[at..]);
        at += packet.Topic.Length;
        packet.CopyPayloadTo(record[at..]);
        packet.Properties.CopyTo(record[(at + packet.PayloadLength)..]);
    }

    // What comes after something that could not be handed in must not overtake it: live subscribers of QoS 2 would take the
    // repetition of what is missing, whose sequence is lower, for a message that they have had.
    private void DemandOrder()
    {
        if (_source.HasFailed)
            throw new OperationCanceledException("An earlier message of this client could not be handed in.");
    }

    private async Task PrepareAndRouteAsync(InboundBatch batch, Task before, TaskCompletionSource routed)
    {
        ValueTask stored;
        try
        {
            await before;
            DemandOrder();
            if (batch.NeedsReceipt)
                await ReceiveAsync(batch);
            await gateway.Ingress.Admit(batch.Publications);
            stored = gateway.Ingress.Route(batch.Publications);
        }
        catch (Exception)
        {
            _source.Fail(); // what comes later must not overtake what was not handed in
            throw;
        }
        finally
        {
            routed.SetResult();
        }

        await stored;
    }

    /// <summary>Has the session note the QoS 2 packets, and writes the sequences it gives into the records.</summary>
    private async Task ReceiveAsync(InboundBatch batch)
    {
        var answers = batch.Answers.FindAll(answer => answer is { QoS: QoS.ExactlyOnce, Index: >= 0 });
        var packetIds = answers.ConvertAll(answer => answer.PacketId).ToArray();
        var sequences = await Patience.UntilDoneAsync(
            () => session.Receive(admission.Ticket.Epoch, packetIds), gateway.Time, gateway.Log, gone);
        batch.PatchSequences(answers, sequences);
    }

    private ValueTask EnqueueAsync(InboundBatch batch)
    {
        lock (_unanswered)
        {
            _unanswered.Enqueue(batch);
            if (!_isAnswering)
            {
                _isAnswering = true;
                _ = AnswerAsync(); // ends with the last batch; a failure closes the connection
            }

            if (_unanswered.Count < gateway.Options.MaximumUnansweredBatches)
                return ValueTask.CompletedTask;

            _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(gone));
        }
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (TryPeek(out var batch))
            {
                await batch.Stored;
                if (batch.Releases.Count > 0)
                    await ReleaseAsync(batch);
                WriteAnswers(batch);
                outbox.Flush();
                Dequeue();
                Recycle(batch);
            }
        }
        catch (Exception failure)
        {
            _source.Fail();
            fail(failure);
        }
    }

    private bool TryPeek(out InboundBatch batch)
    {
        lock (_unanswered)
            return _isAnswering = _unanswered.TryPeek(out batch!);
    }

    private void Dequeue()
    {
        lock (_unanswered)
        {
            _unanswered.Dequeue();
            _room?.TrySetResult();
            _room = null;
        }
    }

    private Task ReleaseAsync(InboundBatch batch)
    {
        var packetIds = batch.Releases.ToArray();
        return Patience.UntilDoneAsync(
            () => session.Release(admission.Ticket.Epoch, packetIds), gateway.Time, gateway.Log, gone);
    }

    private void WriteAnswers(InboundBatch batch)
    {
        foreach (var answer in batch.Answers)
        {
            var type = answer.QoS is QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;
            var reason = answer.Index < 0 ? ReasonCode.Success : batch.Publications[answer.Index];
            outbox.WriteAck(type, answer.PacketId, reason);
        }

        foreach (var packetId in batch.Releases)
            outbox.WriteAck(PacketType.PubComp, packetId);
    }

    private void Recycle(InboundBatch batch)
    {
        batch.Clear();
        Volatile.Write(ref _spare, batch);
    }
}
