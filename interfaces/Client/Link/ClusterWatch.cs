using Orleans.Mqtt.Delivery;

namespace Orleans.Mqtt.Client.Link;

/// <summary>
/// What this process knows of the silos. When one is lost, nobody will answer the calls that were in it: whoever waits is
/// told, and asks again.
/// </summary>
internal sealed class ClusterWatch
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _lost = NewSource();
    private HashSet<string> _silos = [];
    private long _version = -1;

    /// <summary>Ends when a silo is lost, or the connection to one.</summary>
    public Task Lost
    {
        get
        {
            lock (_gate)
                return _lost.Task;
        }
    }

    /// <summary>Rises when silos come or go.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Takes in what a silo says of the cluster; true when silos have come or gone since the last time.</summary>
    public bool Note(LeaseAnswer answer)
    {
        bool isFirst;
        bool isLoss;
        lock (_gate)
        {
            // One silo may know less than another: the past is no news.
            if (answer.ClusterVersion <= _version)
                return false;

            isFirst = _version < 0;
            isLoss = !_silos.IsSubsetOf(answer.Silos);
            _silos = [.. answer.Silos];
            _version = answer.ClusterVersion;
        }

        if (isLoss)
            NoteLoss();
        return !isFirst;
    }

    /// <summary>A connection to a silo has ended.</summary>
    public void NoteLoss()
    {
        TaskCompletionSource lost;
        lock (_gate)
        {
            lost = _lost;
            _lost = NewSource();
        }

        lost.SetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
