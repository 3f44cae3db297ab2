namespace Orleans.Mqtt.Gateway.Link;

/// <summary>Finds a connection's subscriptions by their filter: a set of them is smaller than a dictionary.</summary>
internal sealed class ByFilter : IEqualityComparer<LocalSubscription>, IAlternateEqualityComparer<string, LocalSubscription>
{
    public static readonly ByFilter Instance = new();

    public bool Equals(LocalSubscription? x, LocalSubscription? y) => x?.Filter == y?.Filter;

    public int GetHashCode(LocalSubscription subscription) => GetHashCode(subscription.Filter);

    public bool Equals(string alternate, LocalSubscription other) => alternate == other.Filter;

    // Of strings it is keyed: clients choose filters, and must not be able to choose collisions.
    public int GetHashCode(string alternate) => alternate.GetHashCode(StringComparison.Ordinal);

    public LocalSubscription Create(string alternate) =>
        throw new NotSupportedException("A subscription is more than its filter.");
}
