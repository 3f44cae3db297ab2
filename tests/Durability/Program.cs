using System.Globalization;
using Orleans.Mqtt.Tests.Durability.Storms;
using Xunit.Runner.InProc.SystemConsole;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>One storm of the length that the command line says, or else the tests.</summary>
internal static class Program
{
    private static readonly string[] _numbers = ["--kills", "--seed", "--rate"], _flags = ["--redis", "--cut-log"];

    public static async Task<int> Main(string[] args)
    {
        if (args.Contains("--server") || args.Contains("--internal-msbuild-node"))
        {
            return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
                args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
        }

        if (args.Contains("--help"))
        {
            Console.WriteLine("Without options, or with those of xunit (-? lists them), the tests are run.");
            Console.WriteLine("A storm: --kills N [--seed N] [--rate N] [--redis] [--cut-log]. More in tests/Durability/README.md.");
            return 0;
        }

        // xunit's own options begin with one dash, its seed with a colon.
        if (args.Length == 0 || args[0] is [':', ..] or ['-', not '-', ..])
            return await ConsoleRunner.Run(args);

        try
        {
            return (await new Storm(Parse(args), Console.WriteLine).RunAsync()).IsClean ? 0 : 1;
        }
        catch (ArgumentException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }
    }

    private static StormOptions Parse(string[] args)
    {
        var values = new Dictionary<string, int>();
        for (var at = 0; at < args.Length; at++)
        {
            var name = args[at];
            if (_flags.Contains(name))
                values[name] = 1;
            else if (!_numbers.Contains(name))
                throw new ArgumentException($"{name} is not an option; there are {string.Join(", ", _numbers.Concat(_flags))}.");
            else if (++at == args.Length || !int.TryParse(args[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw new ArgumentException($"{name} wants a whole number.");
            else
                values[name] = number;
        }

        var options = new StormOptions
        {
            Kills = values.TryGetValue("--kills", out var kills) ? kills : throw new ArgumentException("--kills is missing."),
            OnRedis = values.ContainsKey("--redis"),
            CutsTheLog = values.ContainsKey("--cut-log"),
        };
        return options with
        {
            Seed = values.GetValueOrDefault("--seed", options.Seed),
            Rate = values.GetValueOrDefault("--rate", options.Rate),
        };
    }
}
