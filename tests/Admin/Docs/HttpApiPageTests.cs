using System.Text.RegularExpressions;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Docs;

/// <summary>What docs/http-api.md tells its readers to type works, in its order.</summary>
public sealed partial class HttpApiPageTests
{
    private const string Address = "http://127.0.0.1:8080";

    [Fact]
    public async Task Every_call_of_the_page_goes_well()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var lamp = await broker.ConnectAsync("lamp", clean: false); // the mosquitto_sub of the page
        await lamp.SubscribeAsync("home/#", 1);
        var page = await File.ReadAllTextAsync(
            Path.Combine(BuiltProgram.Root().FullName, "docs", "http-api.md"), TestContext.Current.CancellationToken);
        var calls = Blocks().Matches(page)
            .SelectMany(block => Calls().Matches(block.Groups[1].Value))
            .Select(call => call.Value.Trim())
            .ToArray();
        Assert.InRange(calls.Length, 20, 40);

        foreach (var call in calls)
        {
            var command = call.Replace(Address, broker.Admin.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
                .Replace("curl ", "curl --silent --show-error --fail-with-body ", StringComparison.Ordinal);
            await using var shell = RunningProcess.Start("bash", "-c", command);
            var ended = await shell.EndAsync();
            Assert.True(ended.ExitCode == 0, $"{call}\n{string.Join('\n', ended.Output)}");
        }
    }

    [GeneratedRegex("""^```sh\n(.*?)^```""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    // From one "curl" at the beginning of a line to the next.
    [GeneratedRegex("""^curl .*?(?=^curl |\z)""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Calls();
}
