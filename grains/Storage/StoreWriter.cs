using Orleans.Mqtt.Storage;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// Group commit: what gathers while a pipeline is on its way goes out as the next one, so one round trip (and one log
/// write of the store) serves many callers. One pipeline in flight a lane; a key has one lane, so its writes keep order.
/// </summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    private readonly StoreLane[] _lanes;

    public StoreWriter(StoreConnection connection)
    {
        _lanes = new StoreLane[connection.Lanes];
        for (var lane = 0; lane < _lanes.Length; lane++)
            _lanes[lane] = new StoreLane(connection.Lane(lane), connection.Options);
    }

    /// <summary>Bytes that were taken in and are not answered yet.</summary>
    public long PendingBytes => _lanes.Sum(lane => lane.PendingBytes);

    /// <summary>Writes that wait for room.</summary>
    public int Waiting => _lanes.Sum(lane => lane.Waiting);

    /// <summary>
    /// Completes when the write is in the store; fails with <see cref="StoreUnavailableException"/> when that is unknown.
    /// Memory handed over in it must stay as it is until then.
    /// </summary>
    public Task Write(ReadOnlySpan<byte> key, StoreWrite write)
    {
        if (_lanes.Length is 1)
            return _lanes[0].Write(write);

        var hash = new HashCode();
        hash.AddBytes(key);
        return _lanes[(int)((uint)hash.ToHashCode() % (uint)_lanes.Length)].Write(write);
    }

    /// <summary>Lets all that was taken in go out, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes)
            await lane.DisposeAsync();
    }
}
