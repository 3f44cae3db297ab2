using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Guard;

/// <summary>
/// The benchmark for a moment, ours and mosquitto in turn: its table goes to the console, where test.sh shows it. What
/// fails is loss, repetition and disorder, or a broker that broke; never a timing.
/// </summary>
public class GuardTests
{
    // Under a minute on a quiet machine; how long it takes on another is nobody's fault.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    private static readonly string[] _arguments =
    [
        "--peers", "ours,mosquitto", "--scenarios", "pairs-q0,pairs-q2,persistent-q1,properties-q1",
        "--rounds", "1", "--seconds", "1", "--warmup", "4",
    ];

    [Fact]
    public async Task A_second_of_each_load_has_no_faults_and_its_ratios_are_shown()
    {
        var figures = Path.Combine(BuiltProgram.Root().FullName, "tests", "Bench", "figures.csv");
        await using var bench = RunningProcess.Start(
            "dotnet", [BuiltProgram.PathOf("Orleans.Mqtt.Tests.Bench"), .. _arguments, "--committed", figures]);

        var ended = await bench.EndAsync(_patience);

        var table = ended.Output.SkipWhile(line => !line.StartsWith("| guard:", StringComparison.Ordinal)).ToArray();
        Console.WriteLine(string.Join('\n', table));
        Assert.True(ended.ExitCode is 0, bench.Transcript());
        Assert.Contains(table, line => line.StartsWith("| pairs-q0", StringComparison.Ordinal));
    }
}
