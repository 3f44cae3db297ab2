namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// Large collections that grow by an eighth instead of doubling: one of a million would else have room for up to a million
/// more.
/// </summary>
internal static class Frugal
{
    private const int Small = 1_000, Eighth = 8;

    /// <summary>To be called before an add.</summary>
    public static void MakeRoom<T>(this HashSet<T> set)
    {
        if (set.Count == set.Capacity && set.Count >= Small)
            set.EnsureCapacity(set.Count + (set.Count / Eighth));
    }

    /// <summary>To be called before an add.</summary>
    public static void MakeRoom<TKey, TValue>(this Dictionary<TKey, TValue> map)
        where TKey : notnull
    {
        if (map.Count == map.Capacity && map.Count >= Small)
            map.EnsureCapacity(map.Count + (map.Count / Eighth));
    }
}
