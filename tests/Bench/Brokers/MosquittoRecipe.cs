using System.Globalization;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>Eclipse Mosquitto, in memory, with no limit that would make it drop.</summary>
internal sealed class MosquittoRecipe(int outstanding) : Recipe
{
    private readonly string? _program = FindProgram("mosquitto");

    public override string Name => "mosquitto";

    public override string? Obstacle => _program is null ? "mosquitto is not installed" : null;

    public override IReadOnlyList<Part> Prepare(IReadOnlyList<int> ports, string folder)
    {
        var file = Path.Combine(folder, "mosquitto.conf");
        // Its default of 20 in flight is kept: it bounds what it takes from a publisher and what it gives a subscriber.
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            listener {ports[0]} 127.0.0.1
            allow_anonymous true
            persistence false
            user {Environment.UserName}
            max_queued_messages {Math.Max(1_000_000, outstanding * 10)}
            max_connections -1
            set_tcp_nodelay true
            log_dest stdout
            log_type error
            log_type warning

            """));
        return [new Part(_program!, ["-c", file])];
    }
}
