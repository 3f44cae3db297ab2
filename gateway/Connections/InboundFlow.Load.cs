namespace Orleans.Mqtt.Gateway.Connections;

// What waits here, for those who watch.
internal sealed partial class InboundFlow
{
    /// <summary>Batches that wait for their acknowledgement.</summary>
    public int UnansweredBatches
    {
        get
        {
            if (Volatile.Read(ref _unanswered) is not { } unanswered)
                return 0;
            lock (unanswered)
                return unanswered.Count;
        }
    }
}
