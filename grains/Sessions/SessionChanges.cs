using Orleans.Mqtt.Grains.Storage;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>Gathers what is to be stored in one step.</summary>
internal sealed class SessionChanges
{
    private readonly List<ReadOnlyMemory<byte>> _append = [];
    private readonly List<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> _set = [];
    private readonly List<ReadOnlyMemory<byte>> _remove = [];

    /// <summary>Records that leave the head of the queue.</summary>
    public int Trim { get; set; }

    public bool IsEmpty => Trim == 0 && _append.Count == 0 && _set.Count == 0 && _remove.Count == 0;

    public void Append(ReadOnlyMemory<byte> record) => _append.Add(record);

    public void Set(byte[] field, byte[] value) => _set.Add(new(field, value));

    public void Remove(byte[] field) => _remove.Add(field);

    public SessionChange ToChange() => new() { Append = _append, Trim = Trim, Set = _set, Remove = _remove };
}
