using Orleans.Mqtt.Tests.Cluster.Measurements;
using Orleans.Mqtt.Tests.Cluster.Storms;
using Xunit.Runner.InProc.SystemConsole;

namespace Orleans.Mqtt.Tests.Cluster;

/// <summary>A long storm or a measurement when the command line names one, or else the tests.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var arguments = new Arguments(args);
        switch (arguments.Command)
        {
            case "storm":
                return (await new Storm(StormOf(arguments), Console.WriteLine).RunAsync()).IsClean ? 0 : 1;
            case "silo-loss":
                return await new SiloLoss(arguments.Number("--times") ?? 10, arguments.Number("--clients") ?? 100, Console.WriteLine)
                    .RunAsync() ? 0 : 1;
            case "prompt":
                return await PromptRounds.RunAsync(arguments.Number("--rounds") ?? 10_000, Console.WriteLine) ? 0 : 1;
            case "share":
                var shareLoss = new ShareLoss(
                    arguments.Number("--messages") ?? 30_000,
                    Enum.Parse<ShareVictim>(arguments.Word("--victim") ?? "member", ignoreCase: true), Console.WriteLine);
                return (await shareLoss.RunAsync()).IsClean && shareLoss.Spread <= 0.2 ? 0 : 1;
            default:
                return args.Contains("--server") || args.Contains("--internal-msbuild-node")
                    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
                        args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
                    : await ConsoleRunner.Run(args);
        }
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
            Kinds = arguments.Word("--faults") is { } names
                ? [.. names.Split(',').Select(name => Enum.Parse<FaultKind>(name, ignoreCase: true))]
                : usual.Kinds,
            Plan = usual.Plan with
            {
                Silos = arguments.Number("--silos") ?? usual.Plan.Silos,
                Gateways = arguments.Number("--gateways") ?? usual.Plan.Gateways,
                RedisSettings = arguments.Word("--appendfsync") is { } policy ? ["--appendfsync", policy] : [],
            },
        };
        return options with { Logs = arguments.Word("--logs") ?? Path.Combine(Path.GetTempPath(), $"storm-{options.Seed}") };
    }
}
