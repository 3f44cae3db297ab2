namespace Orleans.Mqtt.Client.Link;

/// <summary>
/// Keys that lead to one silo after the other. An Orleans client binds a key that it has not seen to the next silo of its
/// list and stays with that. So there are a few keys, and while the silos change they are new ones: by these the process
/// connects to silos that have come.
/// </summary>
internal sealed class SiloKeys(TimeProvider time)
{
    private const int Count = 16;

    // As long as the client may take to hear of a new silo, and some time more.
    private static readonly TimeSpan _changing = TimeSpan.FromSeconds(10);

    private readonly long[] _keys = [.. Enumerable.Range(0, Count).Select(_ => Random.Shared.NextInt64())];
    private long _version;
    private long _changed = time.GetTimestamp();
    private int _at;

    /// <param name="version">Of the cluster, as far as it is known.</param>
    public long Next(long version)
    {
        if (version != _version)
        {
            _version = version;
            _changed = time.GetTimestamp();
        }

        _at = (_at + 1) % Count;
        if (time.GetElapsedTime(_changed) < _changing)
            _keys[_at] = Random.Shared.NextInt64();
        return _keys[_at];
    }
}
