using System.Globalization;
using Orleans.Mqtt.Tests.Bench.Scenarios;

namespace Orleans.Mqtt.Tests.Bench;

/// <summary>The options as they are typed.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, Func<BenchOptions, string, BenchOptions>> _all = new()
    {
        ["scenarios"] = (options, value) => options with { Scenarios = List(value) },
        ["scenario"] = (options, value) => options with { Scenarios = List(value) },
        ["peers"] = (options, value) => options with { Peers = List(value) },
        ["qos"] = (options, value) => options with { QoS = (byte)Number(value, 0, 2) },
        ["mqtt"] = (options, value) => options with { Level = Level(value) },
        ["seconds"] = (options, value) => options with { Time = Seconds(value) },
        ["warmup"] = (options, value) => options with { WarmUp = Seconds(value) },
        ["patience"] = (options, value) => options with { Patience = Seconds(value) },
        ["rounds"] = (options, value) => options with { Rounds = Number(value, 1, 1_000) },
        ["threads"] = (options, value) => options with { Threads = Number(value, 1, 2) },
        ["connections"] = (options, value) => options with { Connections = Number(value, 1, 9_000) },
        ["payload"] = (options, value) => options with { PayloadSize = Number(value, Wire.Payload.Size, 100_000) },
        ["outstanding"] = (options, value) => options with { Outstanding = Number(value, 1, 10_000_000) },
        ["inflight1"] = (options, value) => options with { InFlightQoS1 = Number(value, 1, 65_535) },
        ["inflight2"] = (options, value) => options with { InFlightQoS2 = Number(value, 1, 65_535) },
        ["idle"] = (options, value) => options with { Idle = Number(value, 1, 1_000_000) },
        ["retained"] = (options, value) => options with { Retained = Number(value, 1, 9_000_000) },
        ["filters"] = (options, value) => options with { Filters = Number(value, 1, 9_000_000) },
        ["topics"] = (options, value) => options with { Topics = Number(value, 1, 9_000_000) },
        ["queued"] = (options, value) => options with { Queued = Number(value, 1, 1_000_000) },
        ["rates"] = (options, value) => options with { Rates = Numbers(value, 1, 1_000_000) },
        ["out"] = (options, value) => options with { Out = value },
        ["committed"] = (options, value) => options with { Committed = Path.GetFullPath(value) },
        ["silo-dll"] = (options, value) => options with { SiloPath = Path.GetFullPath(value) },
        ["gateway-dll"] = (options, value) => options with { GatewayPath = Path.GetFullPath(value) },
        ["silo-args"] = (options, value) => options with { SiloArguments = value },
        ["minutes"] = (options, value) => options with { LongRun = TimeSpan.FromMinutes(Real(value)) },
        ["sample-seconds"] = (options, value) => options with { SampleEvery = Seconds(value) },
    };

    public static string Usage =>
        $"Options (see tests/Bench/README.md): {string.Join(' ', _all.Keys.Select(name => $"--{name}"))} --self-check\n"
        + $"Scenarios: {string.Join(' ', Catalogue.All.Select(scenario => scenario.Name))}";

    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchOptions();
        for (var at = 0; at < arguments.Count; at++)
        {
            var name = arguments[at];
            if (name is "--self-check")
                options = options with { IsSelfCheck = true };
            else if (!name.StartsWith("--", StringComparison.Ordinal) || !_all.TryGetValue(name[2..], out var set))
                throw new ArgumentException($"{name} is not an option.");
            else if (++at == arguments.Count)
                throw new ArgumentException($"{name} wants a value.");
            else
                options = set(options, arguments[at]);
        }

        return options;
    }

    private static byte Level(string value) => value switch
    {
        "3.1.1" => Wire.Packets.Level311,
        "5" => Wire.Packets.Level5,
        _ => throw new ArgumentException($"{value} is not a version of MQTT; there are 3.1.1 and 5."),
    };

    private static string[] List(string value) =>
        value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static int[] Numbers(string value, int least, int most) =>
        [.. List(value).Select(number => Number(number, least, most))];

    private static int Number(string value, int least, int most) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{value} is not a number from {least} to {most}.");

    private static double Real(string value) =>
        double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 100_000
            ? number
            : throw new ArgumentException($"{value} is not a length of time.");

    private static TimeSpan Seconds(string value) => TimeSpan.FromSeconds(Real(value));
}
