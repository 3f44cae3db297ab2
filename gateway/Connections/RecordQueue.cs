using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Records that wait, first in first out, in one pooled block; empty, it holds no memory.</summary>
internal sealed class RecordQueue
{
    private RecordBlock? _block;
    private int _start;
    private int _taken;

    public int Count => (_block?.Count ?? 0) - _taken;

    /// <summary>Bytes that wait.</summary>
    public int Length => (_block?.Length ?? 0) - _start;

    /// <summary>Copies a record and gives the copy, to be patched.</summary>
    public Span<byte> Add(in MessageRecord record, ReadOnlySpan<int> subscriptionIdentifiers = default)
    {
        // Half of the block is behind us: move what waits to a fresh one instead of growing for ever.
        _block ??= new RecordBlock();
        if (_start > 64 * 1024 && _start > _block.Length / 2)
            _block = Compacted(_block);
        return _block.Add(record, subscriptionIdentifiers);
    }

    public bool TryPeek(out MessageRecord record)
    {
        record = default;
        if (Count == 0)
            return false;
        record = new MessageRecord(_block!.Bytes[_start..]);
        return true;
    }

    public void Dequeue()
    {
        _start += RecordEnumerator.LengthAt(_block!.Bytes, _start);
        _taken++;
        if (Count == 0)
            Release();
    }

    public void Release()
    {
        _block?.Release();
        _start = 0;
        _taken = 0;
    }

    private RecordBlock Compacted(RecordBlock block)
    {
        var compact = new RecordBlock();
        foreach (var record in new RecordEnumerator(block.Bytes[_start..]))
            compact.Add(record);
        Release();
        return compact;
    }
}
