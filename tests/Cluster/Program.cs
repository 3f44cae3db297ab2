using Xunit.Runner.InProc.SystemConsole;

namespace Orleans.Mqtt.Tests.Cluster;

/// <summary>A long storm or a measurement when the command line names one, or else the tests.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(Commands.Usage);
            return 0;
        }

        // xunit's own options begin with one dash, its seed with a colon; those of whoever calls it from outside with two.
        if (args.Contains("--server") || args.Contains("--internal-msbuild-node"))
        {
            return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
                args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
        }

        if (args.Length == 0 || args[0] is [':', ..] or ['-', not '-', ..])
            return await ConsoleRunner.Run(args);

        try
        {
            var command = Commands.Find(args[0]);
            return await command.RunAsync(new Arguments(command, args.AsSpan(1))) ? 0 : 1;
        }
        catch (ArgumentException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }
    }
}
