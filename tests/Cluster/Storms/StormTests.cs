using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Storms;

/// <summary>The short form of a storm. The long one is started by command, with other seeds: see README.md.</summary>
public sealed class StormTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Promises_hold_while_everything_is_killed_hangs_is_cut_off_and_drained()
    {
        var options = new StormOptions
        {
            Seed = 11,
            Length = TimeSpan.FromSeconds(20),
            Clients = 40,
            Rate = 5,
            Logs = Path.Combine(Path.GetTempPath(), "storm-of-the-tests"),
        };

        var findings = await new Storm(options, output.WriteLine).RunAsync();

        Assert.True(findings.IsClean, $"seed {options.Seed}: {findings}");
    }
}
