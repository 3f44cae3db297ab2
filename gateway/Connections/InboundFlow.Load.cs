namespace Orleans.Mqtt.Gateway.Connections;

// What waits here, for those who watch.
internal sealed partial class InboundFlow
{
    /// <summary>Batches that wait for their acknowledgement.</summary>
    public int UnansweredBatches
    {
        get
        {
            lock (_unanswered)
                return _unanswered.Count;
        }
    }
}
