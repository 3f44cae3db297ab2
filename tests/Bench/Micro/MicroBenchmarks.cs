using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Orleans.Mqtt.Tests.Bench.Micro;

/// <summary>
/// The parts of the road one by one, in this process and with the product's own classes: "micro", then the options of
/// BenchmarkDotNet. A short job, for a look before and after a change.
/// </summary>
internal static class MicroBenchmarks
{
    public const string Command = "micro";

    public static void Run(string[] arguments)
    {
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "micro"));
        BenchmarkSwitcher.FromAssembly(typeof(MicroBenchmarks).Assembly)
            .Run(arguments.Length is 0 ? ["--filter", "*"] : arguments, config);
    }
}
