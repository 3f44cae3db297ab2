namespace Orleans.Mqtt.Delivery;

/// <summary>Tells processes that watch topics from gateways with clients: both hold leases.</summary>
public static class WatchIds
{
    private const string Prefix = "watch:"; // no machine's name, so no gateway's id, begins like this

    public static string New() => $"{Prefix}{Environment.MachineName}-{Guid.NewGuid():N}";

    public static bool IsWatch(string gatewayId) => gatewayId.StartsWith(Prefix, StringComparison.Ordinal);
}
