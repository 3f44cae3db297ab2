namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What waits for one client, and what it waits for, at one moment; also the sum or the highest of many.</summary>
internal readonly record struct ConnectionLoad(
    long UnsentBytes, bool IsFull, long InFlight, long Waiting, long WaitingBytes, long UnansweredBatches)
{
    public ConnectionLoad(Outbox outbox, (int InFlight, int Waiting, int WaitingBytes) flow, int unansweredBatches)
        : this(outbox.UnsentBytes, outbox.IsFull, flow.InFlight, flow.Waiting, flow.WaitingBytes, unansweredBatches)
    {
    }

    public ConnectionLoad Plus(in ConnectionLoad other) => Merge(other, static (one, two) => one + two);

    public ConnectionLoad Highest(in ConnectionLoad other) => Merge(other, Math.Max);

    private ConnectionLoad Merge(in ConnectionLoad other, Func<long, long, long> merge) => new(
        merge(UnsentBytes, other.UnsentBytes), IsFull || other.IsFull, merge(InFlight, other.InFlight),
        merge(Waiting, other.Waiting), merge(WaitingBytes, other.WaitingBytes),
        merge(UnansweredBatches, other.UnansweredBatches));
}
