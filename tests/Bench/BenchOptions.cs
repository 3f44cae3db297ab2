namespace Orleans.Mqtt.Tests.Bench;

/// <summary>What is measured, against whom, how long and how hard.</summary>
internal sealed record BenchOptions
{
    public IReadOnlyList<string> Scenarios { get; init; } = [];

    public IReadOnlyList<string> Peers { get; init; } = ["ours", "mosquitto", "nats"];

    public byte? QoS { get; init; }

    /// <summary>4 is MQTT 3.1.1, as in the CONNECT.</summary>
    public byte Level { get; init; } = Wire.Packets.Level311;

    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Load before the measured time; a just-in-time compiler needs some seconds of it.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long nothing may arrive, after the last was sent, before what is missing is lost.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    public int Rounds { get; init; } = 3;

    public int Threads { get; init; } = 1;

    /// <summary>Connections a side.</summary>
    public int Connections { get; init; } = 100;

    public int PayloadSize { get; init; } = 64;

    /// <summary>Deliveries outstanding in all.</summary>
    public int Outstanding { get; init; } = 10_000;

    public int InFlightQoS1 { get; init; } = 100;

    public int InFlightQoS2 { get; init; } = 20;

    public int Idle { get; init; } = 10_000;

    public int Retained { get; init; } = 100_000;

    public int Filters { get; init; } = 100_000;

    /// <summary>Topics that wildcard filters match in all; 0 for one a filter.</summary>
    public int Topics { get; init; }

    /// <summary>Messages queued for each session that is away.</summary>
    public int Queued { get; init; } = 500;

    /// <summary>Messages per second of the open loop, one run each.</summary>
    public IReadOnlyList<int> Rates { get; init; } = [1_000, 5_000, 20_000];

    /// <summary>Figures of another day, to compare with; null for none.</summary>
    public string? Committed { get; init; }

    /// <summary>Where the table goes, or null for the console alone.</summary>
    public string? Out { get; init; }

    public string SiloPath { get; init; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Orleans.Mqtt.Silo", "release", "Orleans.Mqtt.Silo.dll"));

    public string SiloArguments { get; init; } = "";

    public string GatewayPath { get; init; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Orleans.Mqtt.Gateway", "release", "Orleans.Mqtt.Gateway.dll"));

    /// <summary>The long run that watches memory; zero for none.</summary>
    public TimeSpan LongRun { get; init; }

    public TimeSpan SampleEvery { get; init; } = TimeSpan.FromSeconds(10);

    public bool IsSelfCheck { get; init; }

    public int InFlight(byte qos) => qos is 2 ? InFlightQoS2 : InFlightQoS1;
}
