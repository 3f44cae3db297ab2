using System.Reflection;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>The sub-commands that tell what the program is: <c>--help</c> and <c>--version</c>.</summary>
internal static class HelpCommand
{
    private static readonly Dictionary<string, string> _meanings = new()
    {
        ["--listen"] = "where clients connect, comma-separated: tcp://, tls://, ws://, wss:// (tcp://127.0.0.1:1883)",
        ["--admin"] = "health checks, HTTP API, metrics, dashboard (http://127.0.0.1:8080)",
        ["--data"] = "folder of the embedded store (./data)",
        ["--redis"] = "HOST:PORT of a Redis to use instead of the embedded store",
        ["--gateway"] = "whether clients can connect to this silo (true)",
        ["--cluster"] = "name of the cluster, and prefix of its keys (orleans-mqtt)",
        ["--silo-port"] = "port for other silos (a free one)",
        ["--orleans-port"] = "port for gateways and applications (a free one)",
        ["--password-file"] = "users and their hashed passwords; the sub-command passwd writes it",
        ["--allow-anonymous"] = "whether clients need not prove who they are",
        ["--advertise"] = "address by which silos and gateways reach this silo (127.0.0.1)",
        ["--nats"] = "nats-servers to mirror traffic to, nats://HOST:PORT",
    };

    public static bool IsMeant(string[] args) => args is ["--help" or "-h" or "--version"];

    /// <summary>The exit code.</summary>
    public static int Run(string[] args)
    {
        var version = typeof(HelpCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        Console.WriteLine($"Orleans.Mqtt {version}");
        if (args is ["--version"])
            return 0;

        foreach (var name in Switches.Settings.Keys)
            Console.WriteLine($"  {name,-18} {_meanings[name]}");
        Console.WriteLine("  --Section:Name VALUE sets anything else: docs/configuration.md");
        return 0;
    }
}
