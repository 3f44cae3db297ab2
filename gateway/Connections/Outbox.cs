using System.Buffers;
using System.IO.Pipelines;
using Orleans.Mqtt.Gateway.Figures;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// The only one who writes to a client. Packets are written into the pipe as they come from many threads and leave with the
/// next <see cref="Flush"/>; while the socket is full they gather behind it, up to a limit.
/// </summary>
internal sealed class Outbox(PipeWriter output, ClientTerms terms, int limit, TimeProvider time, Traffic? traffic = null)
{
    private readonly Lock _gate = new();
    private readonly OutputBuffer _output = new(output);
    private readonly PublishEncoder? _encoder = terms.IsVersion5 ? new PublishEncoder(terms, time) : null;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _sent;
    private int _packets, _messages; // since the last flush
    private bool _hasSpoken;
    private bool _isFlushing;
    private bool _isClosed;

    /// <summary>To be held by who writes several packets at once, so that it is taken once.</summary>
    public Lock Gate => _gate;

    /// <summary>The run that has this outbox on its list of those to flush.</summary>
    public object? DirtyIn { get; set; }

    /// <summary>True while more waits than may wait.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
                return IsOverLimit;
        }
    }

    /// <summary>Bytes that were written and have not left.</summary>
    public long UnsentBytes
    {
        get
        {
            lock (_gate)
                return _isClosed ? 0 : _output.UnflushedBytes;
        }
    }

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    private bool IsOverLimit => _isFlushing && _output.UnflushedBytes > limit;

    public Posted TryPublish(
        in MessageRecord record, QoS qos, ushort packetId, bool retain, bool dup,
        ReadOnlySpan<int> subscriptionIdentifiers = default, bool mayExceed = false)
    {
        lock (_gate)
            return TryPublishHeld(record, qos, packetId, retain, dup, subscriptionIdentifiers, mayExceed);
    }

    /// <summary>For who holds the gate.</summary>
    public Posted TryPublishHeld(
        in MessageRecord record, QoS qos, ushort packetId, bool retain, bool dup,
        ReadOnlySpan<int> subscriptionIdentifiers, bool mayExceed)
    {
        if (_isClosed || (IsOverLimit && !mayExceed))
            return Posted.NotTaken;
        // [MQTT-3.3.2-5] What has been sent before is sent again, though. [MQTT-4.3.3-7]
        if (record.Expiry != 0 && !dup && MessageExpiry.IsOver(record.Expiry, time.GetUtcNow()))
            return Posted.Discarded;

        if (_encoder is null)
            PublishWriter.Write(_output, terms.Version, record.Topic, packetId, qos, retain, dup, record.Payload);
        else if (!_encoder.TryWrite(_output, record, qos, packetId, retain, dup, subscriptionIdentifiers))
            return Posted.Discarded;

        _messages++;
        return Posted.Taken;
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP; before MQTT 5 the reason stays unsaid.</summary>
    public void WriteAck(PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success)
    {
        lock (_gate)
            WriteAckHeld(type, packetId, reason);
    }

    /// <summary>For who holds the gate.</summary>
    public void WriteAckHeld(PacketType type, ushort packetId, ReasonCode reason)
    {
        if (_isClosed)
            return;

        _packets++;
        var why = reason.IsError() && terms.WantsReasons ? Explanations.Of(reason) : null;
        if (why is not null && AckPacket.Explained(type, packetId, reason, why) is var explained && Fits(explained))
            PacketWriter.Write(_output, explained, terms.Version); // [MQTT-3.4.2-2]
        else
            _output.Advance(AckPacket.Write(_output.GetSpan(AckPacket.LongestLength), terms.Version, type, packetId, reason));
    }

    /// <summary>Whether the client takes a packet of this size.</summary>
    public bool Fits<TPacket>(in TPacket packet)
        where TPacket : IPacket<TPacket> =>
        terms.MaximumPacketSize == int.MaxValue || PacketWriter.Measure(packet, terms.Version) <= terms.MaximumPacketSize;

    /// <summary>Ends the connection of a client that does not take the answer to its own question. [MQTT-3.1.2-24]</summary>
    public void DemandFit<TPacket>(in TPacket packet)
        where TPacket : IPacket<TPacket>
    {
        if (!Fits(packet))
            ProtocolException.Throw(ReasonCode.PacketTooLarge, "The answer does not fit the client's maximum packet size.");
    }

    public void Write(ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _packets++;
            _output.Write(packet);
        }
    }

    public void Write<TPacket>(in TPacket packet)
        where TPacket : IPacket<TPacket> => Write(packet, static () => { });

    /// <summary>
    /// Writes a packet; nothing comes between it and <paramref name="then"/>. False when the connection has ended: then
    /// neither happens.
    /// </summary>
    public bool Write<TPacket>(in TPacket packet, Action then)
        where TPacket : IPacket<TPacket>
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            PacketWriter.Write(_output, packet, terms.Version);
            _packets++;
            _hasSpoken = true;
            then();
            return true;
        }
    }

    /// <summary>Lets everything go that was written.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            DirtyIn = null;
            if (!_isFlushing && !_isClosed)
                StartFlush();
        }
    }

    /// <summary>Waits until less is unsent than may be; at once when the connection has ended.</summary>
    public Task WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_isClosed || !IsOverLimit)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Takes nothing more. What was flushed is still sent unless the connection is aborted.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _room?.TrySetResult();
        }
    }

    /// <summary>
    /// Takes nothing more after these last words, which are left out before CONNACK [MQTT-3.2.0-1] and when it was closed
    /// already. The task ends when the transport has all that was written.
    /// </summary>
    public Task CloseAsync(in DisconnectPacket lastWords)
    {
        lock (_gate)
        {
            if (!_isClosed && _hasSpoken)
            {
                PacketWriter.Write(_output, lastWords, terms.Version);
                _packets++;
            }

            _isClosed = true;
            _room?.TrySetResult();
            if (!_isFlushing)
                StartFlush();
            if (!_isFlushing)
                return Task.CompletedTask;

            _sent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _sent.Task;
        }
    }

    private void StartFlush()
    {
        if (_output.UnflushedBytes == 0)
            return;

        traffic?.Sent(_packets + _messages, _messages, _output.UnflushedBytes);
        _packets = _messages = 0;
        ValueTask<FlushResult> flush;
        try
        {
            flush = _output.FlushAsync();
        }
        catch (Exception)
        {
            // The transport is broken. Its own reader ends the connection; whoever publishes to it must not suffer.
            _isClosed = true;
            return;
        }

        if (flush.IsCompletedSuccessfully)
        {
            if (flush.Result.IsCompleted) // it is there: nothing waits
                _isClosed = true;
            return;
        }

        _isFlushing = true;
        _ = FinishFlushAsync(flush); // ends with the pipe, which the connection completes
    }

    private async Task FinishFlushAsync(ValueTask<FlushResult> flush)
    {
        var isOver = true;
        try
        {
            isOver = (await flush).IsCompleted;
        }
        finally
        {
            lock (_gate)
            {
                _isFlushing = false;
                _isClosed |= isOver;
                if (!isOver)
                    StartFlush(); // also when closed: the last words may still be here
                if (!_isFlushing)
                    _sent?.TrySetResult();
                if (_isClosed || !IsOverLimit)
                {
                    _room?.TrySetResult();
                    _room = null;
                }
            }
        }
    }
}

/// <summary>What became of a PUBLISH at an outbox.</summary>
internal enum Posted : byte
{
    Taken,

    /// <summary>Too much waits, or the connection has ended.</summary>
    NotTaken,

    /// <summary>Its life is over, or it is too large for this client: done, as if it had been sent.</summary>
    Discarded,
}
