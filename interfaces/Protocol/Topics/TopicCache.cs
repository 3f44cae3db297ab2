using System.Diagnostics.CodeAnalysis;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>
/// Remembers what was found for a topic. Reads take no lock and allocate nothing; when it is full it forgets all, which
/// costs less than knowing what was used last.
/// </summary>
public sealed class TopicCache<T>
{
    private const int FirstSlots = 16, MostMet = 1 << 16, Plenty = 4;

    private readonly Lock _writing = new();
    private readonly int _capacity;
    private Slot[] _slots = new Slot[FirstSlots];
    private uint[]? _met;
    private long _version;
    private int _taken; // also by those that were removed

    public TopicCache(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>Rises with each <see cref="Clear"/> and <see cref="Remove"/>. Read it before looking for the value to add.</summary>
    public long Version => Volatile.Read(ref _version);

    public int Count { get; private set; }

    internal int Slots => _slots.Length;

    public bool TryGet(ReadOnlySpan<byte> topic, [MaybeNullWhen(false)] out T value) => TryGet(topic, SeededHash.Of(topic), out value);

    /// <summary>The same for one who has more to ask about the topic.</summary>
    public bool TryGet(ReadOnlySpan<byte> topic, uint hash, [MaybeNullWhen(false)] out T value)
    {
        var slots = Volatile.Read(ref _slots);
        var mask = slots.Length - 1;

        // Each slot is read once only: by a second look it may hold another topic.
        // Its hash was there before it and stays; so what is no match is known without waiting for the entry's memory.
        for (var slot = (int)hash & mask; Volatile.Read(ref slots[slot].Entry) is { } entry; slot = (slot + 1) & mask)
        {
            if (slots[slot].Hash != hash || !entry.Is(hash, topic))
                continue;

            value = entry.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>
    /// Whether a topic is to be added: while there is plenty of room each is, then those that were met before, and lately.
    /// Else what comes once would push out what comes again, and with more topics in turn than there is room for, nothing
    /// would ever be found.
    /// </summary>
    public bool IsWorthAdding(uint hash)
    {
        if (Count < _capacity / Plenty)
            return true;

        // Two who write at once cost a topic one more meeting, no more.
        ref var met = ref LazyInitializer.EnsureInitialized(ref _met, static () => new uint[MostMet])[hash % MostMet];
        if (met == hash)
            return true;

        met = hash;
        return false;
    }

    /// <summary>
    /// Adds or replaces; false if something was dropped since that version, for then the value may be of yesterday.
    /// </summary>
    public bool Add(ReadOnlySpan<byte> topic, T value, long version)
    {
        var entry = new Entry(SeededHash.Of(topic), topic.ToArray(), value);
        lock (_writing)
        {
            if (version != _version)
                return false;

            var slot = SlotOf(_slots, topic, entry.Hash);
            if (_slots[slot].Entry is null)
            {
                MakeRoom();
                slot = SlotOf(_slots, topic, entry.Hash);
                _taken++;
                Count++;
            }

            _slots[slot].Put(entry);
            return true;
        }
    }

    public bool Remove(ReadOnlySpan<byte> topic)
    {
        var hash = SeededHash.Of(topic);
        lock (_writing)
        {
            // Even if it is not there: someone may be about to add what was true before.
            _version++;
            var slot = SlotOf(_slots, topic, hash);
            if (_slots[slot].Entry is null)
                return false;

            // Not null, which would cut off those behind it.
            Volatile.Write(ref _slots[slot].Entry, Entry.Gone);
            Count--;
            return true;
        }
    }

    public void Clear()
    {
        lock (_writing)
        {
            _version++;
            Forget();
        }
    }

    // For writers: the slot that holds the topic, or the empty one where it would go. Half of them are always empty.
    private static int SlotOf(Slot[] slots, ReadOnlySpan<byte> topic, uint hash)
    {
        var mask = slots.Length - 1;
        var slot = (int)hash & mask;
        while (slots[slot].Entry is { } entry && !entry.Is(hash, topic))
            slot = (slot + 1) & mask;

        return slot;
    }

    private void MakeRoom()
    {
        if (Count == _capacity)
            Forget();

        if ((_taken + 1) * 2 <= _slots.Length)
            return;

        var larger = new Slot[Count * 2 < _taken ? _slots.Length : _slots.Length * 2];
        foreach (var slot in _slots)
        {
            if (slot.Entry is { } entry && entry != Entry.Gone)
                larger[SlotOf(larger, entry.Topic, entry.Hash)].Put(entry);
        }

        _taken = Count;
        Volatile.Write(ref _slots, larger);
    }

    private void Forget()
    {
        Count = _taken = 0;
        Volatile.Write(ref _slots, new Slot[FirstSlots]);
    }

    private struct Slot
    {
        public Entry? Entry;
        public uint Hash;

        public void Put(Entry entry)
        {
            Hash = entry.Hash;
            Volatile.Write(ref Entry, entry);
        }
    }

    private sealed class Entry(uint hash, byte[] topic, T value)
    {
        // No topic is empty, so nobody asks for this one.
        public static readonly Entry Gone = new(0, [], default!);

        public uint Hash { get; } = hash;

        public byte[] Topic { get; } = topic;

        public T Value { get; } = value;

        public bool Is(uint hash, ReadOnlySpan<byte> topic) => Hash == hash && topic.SequenceEqual(Topic);
    }
}
