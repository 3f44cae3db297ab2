using System.Globalization;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>nats-server with its MQTT port, and JetStream on disk for QoS 1.</summary>
internal sealed class NatsRecipe : Recipe
{
    private readonly string? _program = FindProgram("nats-server");

    public override string Name => "nats";

    public override byte HighestQoS => 1;

    public override byte HighestLevel => Wire.Packets.Level311;

    public override string? Obstacle => _program is null ? "nats-server is not installed" : null;

    public override IReadOnlyList<Part> Prepare(IReadOnlyList<int> ports, string folder)
    {
        var file = Path.Combine(folder, "nats.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            server_name: bench
            listen: "127.0.0.1:{{FreePort.Next()}}"
            jetstream { store_dir: "{{folder}}/jetstream" }
            mqtt { host: "127.0.0.1", port: {{ports[0]}} }
            max_connections: 1000000

            """));
        return [new Part(_program!, ["-c", file])];
    }
}
