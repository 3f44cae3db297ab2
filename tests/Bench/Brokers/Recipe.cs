namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>How a kind of broker is started, and what it can do.</summary>
internal abstract class Recipe
{
    public abstract string Name { get; }

    public virtual byte HighestQoS => 2;

    /// <summary>The newest MQTT that it speaks, as in the CONNECT.</summary>
    public virtual byte HighestLevel => Wire.Packets.Level5;

    /// <summary>Whether a client hears a message once that several of its filters match; the standard leaves it open.</summary>
    public virtual bool MergesOverlaps => false;

    /// <summary>Why it cannot be started here, or null.</summary>
    public abstract string? Obstacle { get; }

    /// <summary>Ports that clients connect to.</summary>
    public virtual int Doors => 1;

    /// <summary>Writes whatever configuration it needs into the folder, and says what to run, in which order.</summary>
    public abstract IReadOnlyList<Part> Prepare(IReadOnlyList<int> ports, string folder);

    public static Recipe Find(string name, BenchOptions options) => name switch
    {
        "ours" => new OurRecipe(options),
        "ours-redis" => new ClusterRecipe(name, silos: 1, gateways: 0, options),
        "ours-apart" => new ClusterRecipe(name, silos: 1, gateways: 1, options),
        "ours-cluster" => new ClusterRecipe(name, silos: 3, gateways: 2, options),
        "mosquitto" => new MosquittoRecipe(options.Outstanding),
        "nats" => new NatsRecipe(),
        "mqttnet" => new MqttNetRecipe(options.Outstanding),
        _ => throw new ArgumentException(
            $"There is no peer {name}; there are ours, ours-redis, ours-apart, ours-cluster, mosquitto, nats and mqttnet."),
    };

    /// <summary>Finds a program as a shell would, and in the places where Debian puts servers.</summary>
    protected static string? FindProgram(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
