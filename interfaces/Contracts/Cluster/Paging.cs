namespace Orleans.Mqtt.Cluster;

/// <summary>How much one page of a list may hold.</summary>
public static class Paging
{
    public const int DefaultLimit = 100;

    public const int MostItems = 1_000;

    public static int Clamp(int limit) => Math.Clamp(limit, 1, MostItems);
}
