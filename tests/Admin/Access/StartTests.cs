using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Access;

/// <summary>An admin address that is open to others by mistake ends the start, with one line that names the setting.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData(Programs.Silo, "http://0.0.0.0:{0}")]
    [InlineData(Programs.Silo, "http://[::]:{0}")]
    [InlineData(Programs.Gateway, "http://0.0.0.0:{0}")]
    public Task Others_can_reach_it_and_there_is_no_key(string program, string admin) => ExpectRefusalAsync(
        program, "an address that others can reach needs a key in Management:ApiKeys",
        "--admin", string.Format(System.Globalization.CultureInfo.InvariantCulture, admin, FreePorts.Take()));

    [Theory, InlineData("short"), InlineData("long enough but with spaces"), InlineData("lang genug, aber für Kopfzeilen")]
    public Task A_key_that_is_none(string key) => ExpectRefusalAsync(
        Programs.Silo, "Management:ApiKeys: a key has 16 characters or more",
        "--admin", $"http://127.0.0.1:{FreePorts.Take()}", "--Management:ApiKeys:0", key);

    [Fact]
    public async Task Others_can_reach_it_and_there_is_a_key()
    {
        const string key = "a-key-of-sixteen-or-more";
        var port = FreePorts.Take();
        var folder = Directory.CreateTempSubdirectory("admin-test-").FullName;
        await using (var process = RunningProcess.Start(
            "dotnet", Programs.PathOf(Programs.Silo), "--listen", $"tcp://127.0.0.1:{FreePorts.Take()}", "--data", folder,
            "--admin", $"http://0.0.0.0:{port}", "--Management:ApiKeys:0", key))
        {
            using var api = new Caller(new Uri($"http://127.0.0.1:{port}"), key);
            await api.WaitUntilReadyAsync(() => process.HasExited);

            Assert.Empty((await api.GetAsync("/api/v1/clients")).GetProperty("items").EnumerateArray());
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task ExpectRefusalAsync(string program, string told, params string[] arguments)
    {
        await using var process = RunningProcess.Start("dotnet",
        [
            Programs.PathOf(program), "--listen", $"tcp://127.0.0.1:{FreePorts.Take()}", "--redis", "127.0.0.1:1", .. arguments,
        ]);

        var ended = await process.EndAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(told, Assert.Single(ended.Output), StringComparison.Ordinal);
    }
}
