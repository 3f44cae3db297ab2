namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>A persistent subscriber: what it asked for before the first message was sent.</summary>
internal sealed record Audience(string ClientId, params (string Filter, int QoS)[] Subscriptions)
{
    /// <summary>How many clients share the subscriptions, so that each message comes to one of them; 0: it is one client alone.</summary>
    public int Members { get; init; }

    public bool IsShared => Members > 0;

    /// <summary>The subscriptions as a client spells them.</summary>
    public IReadOnlyList<(string Filter, int QoS)> Spelled => IsShared
        ? [.. Subscriptions.Select(subscription => ($"$share/{ClientId}/{subscription.Filter}", subscription.QoS))]
        : Subscriptions;

    /// <summary>The QoS with which the stream must come here; nothing when it must not come at all.</summary>
    public int? QoSOf(MessageStream stream)
    {
        int? best = null;
        foreach (var (filter, qos) in Subscriptions)
        {
            if (Matches(filter, stream.Topic))
                best = Math.Max(best ?? 0, Math.Min(qos, stream.QoS));
        }

        return best;
    }

    private static bool Matches(string filter, string topic)
    {
        var wanted = filter.Split('/');
        var levels = topic.Split('/');
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == "#")
                return true;
            if (i >= levels.Length || (wanted[i] != "+" && wanted[i] != levels[i]))
                return false;
        }

        return wanted.Length == levels.Length;
    }
}
