namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>
/// All keys. Whoever changes one takes it from here first, so that a snapshot under way can save it as it was. Not for
/// several threads: the store's gate is held by every caller.
/// </summary>
internal sealed class Keyspace(TimeProvider time)
{
    private readonly Dictionary<byte[], Entry> _entries = new(BytesComparer.Instance);
    private int _snapshot;
    private Action<Entry>? _save;

    public int Count => _entries.Count;

    /// <summary>Called with each key whose time is up, before it goes. Not set while a log is replayed: it has the deletions.</summary>
    public Action<byte[]>? Expired { get; set; }

    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Entry? Find(ReadOnlySpan<byte> key)
    {
        if (!_entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var entry))
            return null;

        if (entry.ExpiresAt is 0 || Expired is null || entry.ExpiresAt > Now)
            return entry;

        Expired(entry.Key);
        Remove(entry);
        return null;
    }

    public T? Find<T>(ReadOnlySpan<byte> key)
        where T : class => Find(key) is { } entry ? As<T>(entry) : null;

    /// <summary>The entry, to be changed by the caller.</summary>
    public Entry? Change(ReadOnlySpan<byte> key)
    {
        var entry = Find(key);
        if (entry is not null)
            Touch(entry);

        return entry;
    }

    public T Change<T>(ReadOnlySpan<byte> key)
        where T : class, new()
    {
        if (Find(key) is { } entry)
        {
            var value = As<T>(entry);
            Touch(entry);
            return value;
        }

        var made = new T();
        Add(key.ToArray(), made);
        return made;
    }

    public Entry Put(ReadOnlySpan<byte> key, object value)
    {
        if (Change(key) is not { } entry)
            return Add(key.ToArray(), value);

        entry.Value = value;
        entry.ExpiresAt = 0;
        return entry;
    }

    public bool Remove(ReadOnlySpan<byte> key)
    {
        if (Find(key) is not { } entry)
            return false;

        Remove(entry);
        return true;
    }

    /// <summary>A collection that has run empty is no longer there.</summary>
    public void RemoveIfEmpty(ReadOnlySpan<byte> key)
    {
        if (Find(key) is { IsEmpty: true } entry)
            Remove(entry);
    }

    /// <summary>
    /// Begins a snapshot of this moment: from now on <paramref name="save"/> is called with each entry before it changes
    /// for the first time. Returns what is there, to be saved with <see cref="Save"/> bit by bit.
    /// </summary>
    public Entry[] BeginSnapshot(Action<Entry> save)
    {
        _snapshot++;
        _save = save;
        return [.. _entries.Values];
    }

    public void Save(Entry entry)
    {
        if (_save is null || entry.Snapshot == _snapshot)
            return;

        entry.Snapshot = _snapshot;
        _save(entry);
    }

    public void EndSnapshot() => _save = null;

    public static T As<T>(Entry entry)
        where T : class => entry.Value as T
            ?? throw new CommandException("WRONGTYPE Operation against a key holding the wrong kind of value");

    private void Touch(Entry entry)
    {
        Save(entry);
        entry.Version++;
    }

    private Entry Add(byte[] key, object value)
    {
        var entry = new Entry(key, value, _snapshot);
        _entries.Add(key, entry);
        return entry;
    }

    private void Remove(Entry entry)
    {
        Touch(entry);
        _entries.Remove(entry.Key);
    }
}
