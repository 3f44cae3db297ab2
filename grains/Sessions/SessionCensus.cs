using System.Collections.Concurrent;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>The sessions that are active in this silo.</summary>
internal sealed class SessionCensus(TimeProvider time)
{
    private readonly ConcurrentDictionary<SessionPresence, bool> _present = [];

    public int Count => _present.Count;

    public SessionPresence Enter(string clientId)
    {
        var presence = new SessionPresence(clientId, time);
        _present[presence] = true;
        return presence;
    }

    public void Leave(SessionPresence presence) => _present.TryRemove(presence, out _);

    /// <summary>Some of those that were not used for this long.</summary>
    public IEnumerable<string> Idle(TimeSpan longer, int most) =>
        _present.Keys.Where(presence => presence.IdleFor > longer).Take(most).Select(presence => presence.ClientId);
}

/// <summary>One activation of a session, and when it was last used.</summary>
internal sealed class SessionPresence(string clientId, TimeProvider time)
{
    private long _used = time.GetTimestamp();

    public string ClientId => clientId;

    public TimeSpan IdleFor => time.GetElapsedTime(Volatile.Read(ref _used));

    public void Use() => Volatile.Write(ref _used, time.GetTimestamp());
}
