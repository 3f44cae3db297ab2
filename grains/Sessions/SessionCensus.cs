using System.Collections.Concurrent;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>The stored sessions that are in this silo's memory, to be counted.</summary>
internal sealed class SessionCensus
{
    private readonly ConcurrentDictionary<StoredSession, byte> _present = new(ReferenceEqualityComparer.Instance);

    public int Count => _present.Count;

    public void Enter(StoredSession session) => _present[session] = 0;

    public void Leave(StoredSession? session)
    {
        if (session is not null)
            _present.TryRemove(session, out _);
    }

    /// <summary>Walks over all of them. They are at work meanwhile, so the numbers are those of no single moment.</summary>
    public Figures Take()
    {
        var figures = default(Figures);
        foreach (var (session, _) in _present)
        {
            var queue = session.Delivery.Queue;
            figures = new Figures(
                figures.Queued + queue.Count, Math.Max(figures.LongestQueue, queue.Count),
                figures.InMemory + queue.InMemory, Math.Max(figures.MostInMemory, queue.InMemory),
                figures.InFlight + queue.InFlight,
                Math.Max(figures.MostPublishers, session.Delivery.RememberedPublishers));
        }

        return figures;
    }

    /// <summary>Messages in the queues, the longest one, those in memory, those in flight; publishers of one session.</summary>
    public readonly record struct Figures(
        long Queued, long LongestQueue, long InMemory, long MostInMemory, long InFlight, long MostPublishers);
}
