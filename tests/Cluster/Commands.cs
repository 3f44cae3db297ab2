using Orleans.Mqtt.Tests.Cluster.Measurements;
using Orleans.Mqtt.Tests.Cluster.Storms;

namespace Orleans.Mqtt.Tests.Cluster;

/// <summary>What can be run beside the tests.</summary>
internal static class Commands
{
    public static Command[] All { get; } =
    [
        new("storm", "many clients, and fault after fault",
            [
                new("--minutes", "how long faults go on: 10"),
                new("--seconds", "the same, for short ones"),
                new("--seed", "which faults, on whom, for how long: a random one"),
                new("--clients", "clients in all: 500"),
                new("--rate", "messages a second of one publisher: 2"),
                new("--silos", "processes: 3"),
                new("--gateways", "processes: 2"),
                new("--faults", $"those that may happen, with commas: {string.Join(',', Enum.GetNames<FaultKind>())}"),
                new("--appendfsync", "of redis-server: always, or everysec"),
                new("--logs", "folder for the logs of a storm that broke a promise: a temporary one"),
                new("--log-level", "of the silos: Information"),
            ],
            async arguments => (await new Storm(StormOf(arguments), Console.WriteLine).RunAsync()).IsClean),
        new("silo-loss", "P8: one silo of three is killed, and what that costs clients",
            [new("--times", "kills: 10"), new("--clients", "clients in all: 100")],
            arguments => new SiloLoss(
                arguments.Number("--times") ?? 10, arguments.Number("--clients") ?? 100, Console.WriteLine).RunAsync()),
        new("prompt", "P4: subscribe at one gateway, publish at another",
            [new("--rounds", "subscriptions: 10000")],
            arguments => PromptRounds.RunAsync(arguments.Number("--rounds") ?? 10_000, Console.WriteLine)),
        new("share", "a shared subscription, one part of which dies",
            [
                new("--messages", "messages in all: 30000"),
                new("--victim", $"who dies: {string.Join(", ", Enum.GetNames<ShareVictim>())}"),
            ],
            ShareAsync),
    ];

    public static string Usage =>
        $"""
        Without a command the tests are run; options of xunit choose among them (-? lists those).
        COMMAND --option VALUE ... is one of these, with what holds where nothing is said:
        {string.Join('\n', All.Select(command => command.ToString()))}
        The exit code is 1 when a promise was broken, 2 when the command line is wrong. More in tests/Cluster/README.md.
        """;

    public static Command Find(string name) =>
        Array.Find(All, command => command.Name == name)
        ?? throw new ArgumentException($"{name} is not a command; there are {string.Join(", ", All.Select(command => command.Name))}.");

    private static async Task<bool> ShareAsync(Arguments arguments)
    {
        var loss = new ShareLoss(
            arguments.Number("--messages") ?? 30_000, arguments.Choice<ShareVictim>("--victim") ?? ShareVictim.Member, Console.WriteLine);
        return (await loss.RunAsync()).IsClean && loss.Spread <= 0.2;
    }

    private static StormOptions StormOf(Arguments arguments)
    {
        var usual = new StormOptions();
        var options = usual with
        {
            Seed = arguments.Number("--seed") ?? usual.Seed,
            Clients = arguments.Number("--clients") ?? usual.Clients,
            Rate = arguments.Number("--rate") ?? usual.Rate,
            Length = arguments.Number("--minutes") is { } minutes ? TimeSpan.FromMinutes(minutes)
                : arguments.Number("--seconds") is { } seconds ? TimeSpan.FromSeconds(seconds)
                : usual.Length,
            Kinds = arguments.Choices<FaultKind>("--faults") ?? usual.Kinds,
            Plan = usual.Plan with
            {
                Silos = arguments.Number("--silos") ?? usual.Plan.Silos,
                Gateways = arguments.Number("--gateways") ?? usual.Plan.Gateways,
                SiloSettings = arguments.Word("--log-level") is { } level ? ["--Logging:LogLevel:Orleans.Mqtt", level] : [],
                RedisSettings = arguments.Word("--appendfsync") is { } policy ? ["--appendfsync", policy] : [],
            },
        };
        return options with { Logs = arguments.Word("--logs") ?? Path.Combine(Path.GetTempPath(), $"storm-{options.Seed}") };
    }
}
