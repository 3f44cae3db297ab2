using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Messages;

/// <summary>Walks records that lie side by side a few at a time: so many topics are looked up together.</summary>
public ref struct RecordGroup(ReadOnlySpan<byte> records)
{
    public const int Most = 16;

    private readonly ReadOnlySpan<byte> _all = records;
    private Places _topics;
    private int _start, _end;

    /// <summary>Records in the group.</summary>
    public int Count { get; private set; }

    /// <summary>Those of the group.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _all[_start.._end];

    /// <summary>Where their topics stand in its bytes.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<TopicPlace> Topics => ((ReadOnlySpan<TopicPlace>)_topics)[..Count];

    public bool MoveNext()
    {
        _start = _end;
        for (Count = 0; Count < Most && _end < _all.Length; Count++)
        {
            var record = new MessageRecord(_all[_end..]);
            _topics[Count] = new TopicPlace(_end - _start + MessageRecord.HeaderSize, record.TopicLength);
            _end += record.Length;
        }

        return Count > 0;
    }

    public readonly RecordEnumerator GetEnumerator() => new(Bytes);

    [InlineArray(Most)]
    private struct Places
    {
        private TopicPlace _first;
    }
}
