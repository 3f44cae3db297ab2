using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// What one client publishes: gathered into a batch while its bytes are read, handed in once a read, and acknowledged in
/// order when it is safe. Used by the connection's read loop only; answers run beside it. Only a persistent session is asked.
/// </summary>
internal sealed partial class InboundFlow(
    GatewayParts gateway, Admission admission, ISessionHostGrain? session, Outbox outbox, Action<Exception> fail,
    CancellationToken gone)
{
    private static readonly Task<bool[]> _nobody = Task.FromResult<bool[]>([]);

    private readonly PublicationSource _source = new(admission.Client.ClientId, gone);
    private readonly bool _isVersion5 = admission.Terms.IsVersion5;
    private readonly ReceiveWindow _window = new(admission.Terms.IsVersion5 ? gateway.Options.ReceiveMaximum : null);
    private Queue<InboundBatch>? _unanswered; // made with the first that cannot be answered at once
    private ulong _sequence = Sequences.FirstOf(admission.Ticket.Epoch);
    private InboundBatch? _filling;
    private InboundBatch? _spare;
    private Task _routed = Task.CompletedTask;
    private TaskCompletionSource? _room;
    private bool _isAnswering;

    private Queue<InboundBatch> Unanswered => LazyInitializer.EnsureInitialized(ref _unanswered);

    public Task Answering { get; private set; } = Task.CompletedTask;

    /// <summary>Ends when everything that was sent is on its way, in order; it does not fail.</summary>
    public Task Routed => _routed;

    public void Add(scoped in PublishPacket packet)
    {
        var batch = _filling ??= NewBatch();
        if (packet.QoS is QoS.AtMostOnce)
        {
            batch.Add(packet, admission.Ticket.Publisher, sequence: 0, gateway.Time);
            return;
        }

        if (!_window.TryTake(packet.QoS, packet.PacketId))
        {
            // Sent again before its PUBREL: the same message, so only the answer is repeated. [MQTT-4.3.3-10]
            batch.Answers.Add(new Answer(packet.PacketId, packet.QoS, -1));
            return;
        }

        batch.Answers.Add(new Answer(packet.PacketId, packet.QoS, batch.Publications.Count));
        batch.NeedsReceipt |= packet.QoS is QoS.ExactlyOnce && admission.Ticket.IsPersistent;
        batch.Add(packet, admission.Ticket.Publisher, ++_sequence, gateway.Time);
    }

    /// <summary>
    /// A PUBLISH that the rules forbid goes nowhere. A client of MQTT 5 hears the reason; an older one is told that all is
    /// well, as the standard has it. [MQTT3-3.3.5-2]
    /// </summary>
    public void Refuse(scoped in PublishPacket packet, ReasonCode reason)
    {
        if (packet.QoS is not QoS.AtMostOnce)
        {
            var isNew = _window.TryTake(packet.QoS, packet.PacketId);
            (_filling ??= NewBatch()).Answers.Add(
                new Answer(packet.PacketId, packet.QoS, -1, isNew ? reason : ReasonCode.Success));
        }
        else if (reason is ReasonCode.PayloadFormatInvalid)
        {
            ProtocolException.Throw(reason, "The payload is not the UTF-8 that it is said to be.");
        }
    }

    /// <summary>Hands in what was gathered. Waits only when too much is unanswered already: then the client is not read.</summary>
    public ValueTask SendAsync()
    {
        if (_filling is not { } batch)
            return ValueTask.CompletedTask;

        _filling = null;
        var room = batch.Answers.Count > 0 ? gateway.Ingress.WaitForRoom() : ValueTask.CompletedTask;
        return room.IsCompletedSuccessfully ? HandIn(batch) : HandInAsync(batch, room);
    }

    /// <summary>PUBREL: the packet's identifier is free again when the answer is sent.</summary>
    public void OnPubRel(ushort packetId)
    {
        var isOpen = _window.Release(packetId);
        if (admission.Ticket.IsPersistent)
            (_filling ??= NewBatch()).Releases.Add(packetId);
        else
            WriteComplete(packetId, isOpen);
    }

    private async ValueTask HandInAsync(InboundBatch batch, ValueTask room)
    {
        await room.AsTask().WaitAsync(gone);
        await HandIn(batch);
    }

    private ValueTask HandIn(InboundBatch batch)
    {
        DemandOrder();
        batch.LastSequence = _sequence;
        gateway.Metrics.Published(batch.Publications.Count);
        if (_routed.IsCompleted && batch is { NeedsReceipt: false, Publications.HasRetained: false })
        {
            var stored = gateway.Ingress.Route(batch.Publications);
            if (stored.IsCompletedSuccessfully && _unanswered is not { Count: > 0 } && batch.Releases.Count == 0)
            {
                WriteAnswers(batch, []);
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

    private InboundBatch NewBatch()
    {
        var batch = Interlocked.Exchange(ref _spare, null) ?? new InboundBatch();
        batch.Publications.Source = _source;
        return batch;
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

    /// <summary>
    /// Has the session note the QoS 2 packets and their sequences; a packet that is sent again gets the one that it had.
    /// </summary>
    private async Task ReceiveAsync(InboundBatch batch)
    {
        var answers = batch.Answers.FindAll(answer => answer is { QoS: QoS.ExactlyOnce, Index: >= 0 });
        var packetIds = answers.ConvertAll(answer => answer.PacketId).ToArray();
        var sequences = batch.SequencesOf(answers);
        var given = await Patience.UntilDoneAsync(
            () => session!.Receive(admission.Ticket.Epoch, packetIds, sequences), gateway.Time, gateway.Log, gone);
        batch.PatchSequences(answers, given);
    }

    private ValueTask EnqueueAsync(InboundBatch batch)
    {
        lock (Unanswered)
        {
            Unanswered.Enqueue(batch);
            if (!_isAnswering)
            {
                _isAnswering = true;
                Answering = AnswerAsync(); // ends with the last batch; a failure closes the connection
            }

            if (Unanswered.Count < gateway.Options.MaximumUnansweredBatches)
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
                WriteAnswers(batch, await ReleaseAsync(batch));
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
        lock (Unanswered)
            return _isAnswering = Unanswered.TryPeek(out batch!);
    }

    private void Dequeue()
    {
        lock (Unanswered)
        {
            Unanswered.Dequeue();
            _room?.TrySetResult();
            _room = null;
        }
    }

    /// <summary>The session forgets what PUBREL came for, and what is refused; says of the former whether it was known.</summary>
    private Task<bool[]> ReleaseAsync(InboundBatch batch)
    {
        if (!admission.Ticket.IsPersistent)
            return _nobody;

        // Before MQTT 5 a PUBREC never refuses, so that PUBREL follows whatever became of the message.
        ushort[] packetIds = [.. batch.Releases, .. _isVersion5 ? batch.Refused() : []];
        return packetIds.Length == 0 ? _nobody : Patience.UntilDoneAsync(
            () => session!.Release(admission.Ticket.Epoch, packetIds, batch.LastSequence), gateway.Time, gateway.Log, gone);
    }

    private void WriteAnswers(InboundBatch batch, bool[] known)
    {
        lock (outbox.Gate)
        {
            foreach (var answer in batch.Answers)
            {
                var type = answer.QoS is QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;
                outbox.WriteAckHeld(type, answer.PacketId, _isVersion5 ? Judge(type, answer, batch) : ReasonCode.Success);
            }
        }

        for (var i = 0; i < batch.Releases.Count; i++)
            WriteComplete(batch.Releases[i], known[i]);
    }

    /// <summary>The reason that the answer says. What the answer ends is not under way any more.</summary>
    private ReasonCode Judge(PacketType type, in Answer answer, InboundBatch batch)
    {
        var reason = answer.Index < 0 ? answer.Reason : batch.Publications[answer.Index];
        if (answer.QoS is QoS.AtLeastOnce || reason.IsError())
            _window.GiveBack(answer.QoS, answer.PacketId);
        return type.Allows(reason) ? reason : ReasonCode.UnspecifiedError;
    }

    private void WriteComplete(ushort packetId, bool isKnown) => outbox.WriteAck(
        PacketType.PubComp, packetId, isKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound);

    private void Recycle(InboundBatch batch)
    {
        batch.Clear();
        Volatile.Write(ref _spare, batch);
    }
}
