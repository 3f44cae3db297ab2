using System.Buffers;
using System.IO.Pipelines;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// The only one who writes to a client. Packets are written into the pipe as they come from many threads and leave with the
/// next <see cref="Flush"/>; while the socket is full they gather behind it, up to a limit.
/// </summary>
internal sealed class Outbox(PipeWriter output, ProtocolVersion version, int limit)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private bool _isFlushing;
    private bool _isClosed;

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
                return _isClosed ? 0 : output.UnflushedBytes;
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

    private bool IsOverLimit => _isFlushing && output.UnflushedBytes > limit;

    /// <summary>Writes a PUBLISH; false when it was not taken: too much waits, or the connection has ended.</summary>
    public bool TryPublish(in MessageRecord record, QoS qos, ushort packetId, bool retain, bool dup, bool mayExceed = false)
    {
        lock (_gate)
        {
            if (_isClosed || (IsOverLimit && !mayExceed))
                return false;

            PublishWriter.Write(
                output, version, record.Topic, packetId, qos, retain, dup, record.Payload, record.Properties);
            return true;
        }
    }

    public void WriteAck(PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success)
    {
        lock (_gate)
        {
            if (!_isClosed)
                output.Advance(AckPacket.Write(output.GetSpan(AckPacket.LongestLength), version, type, packetId, reason));
        }
    }

    public void Write(ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            if (!_isClosed)
                output.Write(packet);
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
            PacketWriter.Write(output, packet, version);
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

    private void StartFlush()
    {
        if (output.UnflushedBytes == 0)
            return;

        ValueTask<FlushResult> flush;
        try
        {
            flush = output.FlushAsync();
        }
        catch (Exception)
        {
            // The transport is broken. Its own reader ends the connection; whoever publishes to it must not suffer.
            _isClosed = true;
            return;
        }

        if (flush.IsCompletedSuccessfully)
        {
            if (flush.Result.IsCompleted)
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
                if (!_isClosed)
                    StartFlush();
                if (_isClosed || !IsOverLimit)
                {
                    _room?.TrySetResult();
                    _room = null;
                }
            }
        }
    }
}
