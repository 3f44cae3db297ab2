using Orleans.Mqtt.Tests.Durability.Storms;
using Xunit.Runner.InProc.SystemConsole;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>One storm of the length that the command line says, or else the tests.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args.Contains("--kills"))
            return await WeatherAsync(args);

        return args.Contains("--server") || args.Contains("--internal-msbuild-node")
            ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
                args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }

    private static async Task<int> WeatherAsync(string[] args)
    {
        var options = new StormOptions
        {
            Kills = NumberOf(args, "--kills") ?? throw new ArgumentException("--kills wants a number"),
            OnRedis = args.Contains("--redis"),
            CutsTheLog = args.Contains("--cut-log"),
        };
        options = options with
        {
            Seed = NumberOf(args, "--seed") ?? options.Seed,
            Rate = NumberOf(args, "--rate") ?? options.Rate,
        };
        return (await new Storm(options, Console.WriteLine).RunAsync()).IsClean ? 0 : 1;
    }

    private static int? NumberOf(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 || at + 1 >= args.Length
            ? null
            : int.Parse(args[at + 1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
