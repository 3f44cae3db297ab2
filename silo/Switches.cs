namespace Orleans.Mqtt.Silo;

/// <summary>The short switches of the command line and the settings that they stand for.</summary>
internal static class Switches
{
    public static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>
    {
        ["--listen"] = "Gateway:Listen",
        ["--admin"] = "Broker:Admin",
        ["--data"] = "Broker:Data",
        ["--redis"] = "Broker:Redis",
        ["--gateway"] = "Broker:Gateway",
        ["--cluster"] = "Broker:Cluster",
        ["--silo-port"] = "Broker:SiloPort",
        ["--orleans-port"] = "Broker:OrleansPort",
        ["--nats"] = "Broker:Nats",
    };

    /// <summary>The way to say a setting that a message names: the switch if there is one.</summary>
    public static string NameOf(string setting) =>
        Settings.FirstOrDefault(pair => pair.Value.EndsWith(":" + setting, StringComparison.Ordinal)).Key ?? setting;
}
