namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>
/// Holds up whoever routes messages that are to be acknowledged while a link to a gateway is full: what waits in a silo is
/// bounded (P7). A gateway that takes nothing holds them up until its lease is over.
/// </summary>
internal sealed class LinkRoom
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private int _full;

    /// <summary>Links that hold more than they may.</summary>
    public int Full => Volatile.Read(ref _full);

    public ValueTask WaitAsync()
    {
        if (Volatile.Read(ref _full) == 0)
            return ValueTask.CompletedTask;

        lock (_gate)
            return _room is null ? ValueTask.CompletedTask : new ValueTask(_room.Task);
    }

    /// <summary>A link holds more than it may.</summary>
    public void Fill()
    {
        lock (_gate)
        {
            _full++;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>That link has room again.</summary>
    public void Free()
    {
        lock (_gate)
        {
            if (--_full > 0)
                return;
            _room?.SetResult();
            _room = null;
        }
    }
}
