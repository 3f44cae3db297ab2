namespace Orleans.Mqtt.Gateway.Hosting;

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
        ["--password-file"] = "Security:PasswordFile",
        ["--allow-anonymous"] = "Security:AllowAnonymous",
        ["--advertise"] = "Broker:Advertise",
        ["--nats"] = "Broker:Nats",
    };

    /// <summary>
    /// What the command line sets. A word that is no setting would be ignored in silence; a mistyped switch is found out here.
    /// </summary>
    public static IReadOnlyList<string> NamesIn(IReadOnlyList<string> args)
    {
        var names = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i].Split('=', 2)[0];
            var isSetting = name.StartsWith("--", StringComparison.Ordinal)
                && (Settings.ContainsKey(name) || name.Contains(':', StringComparison.Ordinal));
            if (!isSetting)
                throw new StartFailure($"{name}: no such setting; there are {string.Join(" ", Settings.Keys)} and --Section:Name VALUE");

            if (name.Length == args[i].Length && ++i == args.Count)
                throw new StartFailure($"{name}: a value is missing");
            names.Add(name);
        }

        return names;
    }

    /// <summary>Puts the switch in the place of the setting's long name, as the user has said it.</summary>
    public static string InWords(string message) =>
        Settings.Aggregate(message, (text, pair) => text.Replace($"'{pair.Value}'", pair.Key, StringComparison.Ordinal));
}
