namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>How a kind of broker is started, and what it can do.</summary>
internal abstract class Recipe
{
    public abstract string Name { get; }

    public virtual byte HighestQoS => 2;

    /// <summary>Why it cannot be started here, or null.</summary>
    public abstract string? Obstacle { get; }

    /// <summary>Writes whatever configuration it needs into the folder, and says what to run.</summary>
    public abstract (string File, IReadOnlyList<string> Arguments) Prepare(int port, string folder);

    public static Recipe Find(string name, BenchOptions options) => name switch
    {
        "ours" => new OurRecipe(options.SiloPath, options.SiloArguments),
        "mosquitto" => new MosquittoRecipe(options.Outstanding),
        "nats" => new NatsRecipe(),
        _ => throw new ArgumentException($"There is no peer {name}; there are ours, mosquitto and nats."),
    };

    /// <summary>Finds a program as a shell would, and in the places where Debian puts servers.</summary>
    protected static string? FindProgram(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
