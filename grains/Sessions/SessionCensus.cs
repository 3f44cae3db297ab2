using System.Collections.Concurrent;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>The sessions that are active in this silo.</summary>
internal sealed class SessionCensus(TimeProvider time, GuestBook? guests = null)
{
    private readonly ConcurrentDictionary<SessionPresence, bool> _present = [];

    /// <summary>Those whose grain is awake, and those who need none.</summary>
    public int Count => _present.Count + (guests?.Count ?? 0);

    /// <param name="clientId">Whose it is.</param>
    /// <param name="stored">What it has stored at any time, to be counted.</param>
    public SessionPresence Enter(string clientId, Func<StoredSession?> stored)
    {
        var presence = new SessionPresence(clientId, stored, time);
        _present[presence] = true;
        return presence;
    }

    public void Leave(SessionPresence presence) => _present.TryRemove(presence, out _);

    /// <summary>Walks over all of them. They are at work meanwhile, so the numbers are those of no single moment.</summary>
    public QueueFigures Take()
    {
        var figures = default(QueueFigures);
        foreach (var (presence, _) in _present)
        {
            if (presence.Stored is { } session)
                figures = figures.Plus(session.Delivery);
        }

        return figures;
    }

    /// <summary>Some of those that were not used for this long.</summary>
    public IEnumerable<string> Idle(TimeSpan longer, int most) =>
        _present.Keys.Where(presence => presence.IdleFor > longer).Take(most).Select(presence => presence.ClientId);
}

/// <summary>One activation of a session, and when it was last used.</summary>
internal sealed class SessionPresence(string clientId, Func<StoredSession?> stored, TimeProvider time)
{
    private long _used = time.GetTimestamp();

    public string ClientId => clientId;

    public StoredSession? Stored => stored();

    public TimeSpan IdleFor => time.GetElapsedTime(Volatile.Read(ref _used));

    public void Use() => Volatile.Write(ref _used, time.GetTimestamp());
}

/// <summary>Messages in queues: all and in the longest, in memory and in flight; publishers that one session remembers.</summary>
internal readonly record struct QueueFigures(
    long Queued, long LongestQueue, long InMemory, long MostInMemory, long InFlight, long MostPublishers)
{
    public QueueFigures Plus(SessionDelivery session) => new(
        Queued + session.Queue.Count, Math.Max(LongestQueue, session.Queue.Count),
        InMemory + session.Queue.InMemory, Math.Max(MostInMemory, session.Queue.InMemory),
        InFlight + session.Queue.InFlight, Math.Max(MostPublishers, session.RememberedPublishers));
}
