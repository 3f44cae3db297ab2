using Orleans.Mqtt.Grains.Sessions;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>The sessions, and queues of shared subscriptions, that routes lead to. Under its owner's lock.</summary>
internal sealed class SessionDirectory(SessionLanes lanes)
{
    private const int KeptRetired = 64;

    private readonly Dictionary<string, SessionDestination> _byName = [];
    private readonly Queue<SessionDestination> _retired = new();

    public int Count => _byName.Count;

    public SessionDestination? Find(string name) => _byName.GetValueOrDefault(name);

    public SessionDestination Of(string name)
    {
        if (!_byName.TryGetValue(name, out var session))
            _byName.Add(name, session = new(name, lanes.Of(name)));
        return session;
    }

    /// <summary>So many more routes lead to the session, or fewer.</summary>
    public void CountRoutes(SessionDestination session, int change)
    {
        session.Routes += change;
        if (session.Routes == 0)
            Retire(session);
    }

    // Not forgotten at once: a session that subscribes again must find the lane that may still be at work for it. Of two
    // lanes the newer could overtake the older, and the session would take what comes late for a repetition.
    private void Retire(SessionDestination session)
    {
        if (!session.IsRetired)
            _retired.Enqueue(session);
        session.IsRetired = true;

        for (var looks = 0; looks < 2 && _retired.Count > KeptRetired; looks++)
        {
            var oldest = _retired.Dequeue();
            if (oldest.Routes == 0 && !oldest.Lane.IsIdle)
            {
                _retired.Enqueue(oldest);
                continue;
            }

            oldest.IsRetired = false;
            if (oldest.Routes == 0)
                _byName.Remove(oldest.ClientId);
        }
    }
}
