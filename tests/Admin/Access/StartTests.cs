using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Access;

/// <summary>
/// A setting that is wrong or mistyped, an admin address that is open to others by mistake: the start ends with one line that
/// names the setting.
/// </summary>
public sealed class StartTests
{
    [Theory]
    [InlineData(BuiltProgram.Silo, "http://0.0.0.0:{0}")]
    [InlineData(BuiltProgram.Silo, "http://[::]:{0}")]
    [InlineData(BuiltProgram.Gateway, "http://0.0.0.0:{0}")]
    public Task Others_can_reach_it_and_there_is_no_key(string program, string admin) => ExpectRefusalAsync(
        program, "an address that others can reach needs a key in Management:ApiKeys",
        "--admin", string.Format(CultureInfo.InvariantCulture, admin, FreePorts.Take()));

    [Theory, InlineData("short"), InlineData("long enough but with spaces"), InlineData("lang genug, aber für Kopfzeilen")]
    public Task A_key_that_is_none(string key) => ExpectRefusalAsync(
        BuiltProgram.Silo, "Management:ApiKeys: a key has 16 characters or more",
        "--admin", $"http://127.0.0.1:{FreePorts.Take()}", "--Management:ApiKeys:0", key);

    [Theory]
    [InlineData(BuiltProgram.Silo, "--Sessions:MaxQued", "5", "--Sessions:MaxQued: no such setting; there are Sessions:")]
    [InlineData(BuiltProgram.Silo, "--Sesions:MaximumQueuedMessages", "5", "--Sesions:MaximumQueuedMessages: no such setting")]
    [InlineData(BuiltProgram.Silo, "--lisen", "tcp://127.0.0.1:1883", "--lisen: no such setting; there are --listen")]
    [InlineData(BuiltProgram.Gateway, "--cluster", "a b", "The field Broker:Cluster must match")]
    [InlineData(BuiltProgram.Silo, "--gateway", "perhaps", "'perhaps' at --gateway")]
    [InlineData(BuiltProgram.Gateway, "--Gateway:MaxPacket", "5", "--Gateway:MaxPacket: no such setting; there are Gateway:")]
    [InlineData(BuiltProgram.Gateway, "--Sessions:MaximumQueuedMessages", "5", "--Sessions:MaximumQueuedMessages: no such setting")]
    [InlineData(BuiltProgram.Gateway, "--data", "./data", "--data: no such setting; there are Broker:")]
    public Task A_mistake(string program, string name, string value, string told) => ExpectRefusalAsync(
        program, told, "--admin", $"http://127.0.0.1:{FreePorts.Take()}", name, value);

    [Theory, InlineData("--silo-port"), InlineData("--orleans-port")]
    public async Task A_port_of_the_cluster_that_another_program_has(string name)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var told = await TestBroker.ExpectNoStartAsync(name, port);

        Assert.Contains($"{name} {port}: the port is in use by another program", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Others_can_reach_it_and_there_is_a_key()
    {
        const string key = "a-key-of-sixteen-or-more";
        var port = FreePorts.Take();
        var folder = Directory.CreateTempSubdirectory("admin-test-").FullName;
        await using (var process = RunningProcess.Start(
            "dotnet", BuiltProgram.PathOf(BuiltProgram.Silo), "--listen", $"tcp://127.0.0.1:{FreePorts.Take()}", "--data", folder,
            "--admin", $"http://0.0.0.0:{port}", "--Management:ApiKeys:0", key))
        {
            using var api = new Caller(new Uri($"http://127.0.0.1:{port}"), key);
            await process.ReadyAsync(() => AdminProbe.IsReadyAsync(port));

            Assert.Empty((await api.GetAsync("/api/v1/clients")).GetProperty("items").EnumerateArray());
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(BuiltProgram.Silo, "--help", "--password-file")]
    [InlineData(BuiltProgram.Gateway, "--help", "--advertise")]
    [InlineData(BuiltProgram.Gateway, "--version", "Orleans.Mqtt ")]
    public async Task Who_asks_for_help_gets_it(string program, string question, string told)
    {
        await using var process = RunningProcess.Start("dotnet", BuiltProgram.PathOf(program), question);

        var ended = await process.EndAsync();

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains(ended.Output, line => line.Contains(told, StringComparison.Ordinal));
    }

    private static async Task ExpectRefusalAsync(string program, string told, params string[] arguments)
    {
        await using var process = RunningProcess.Start("dotnet",
        [
            BuiltProgram.PathOf(program), "--listen", $"tcp://127.0.0.1:{FreePorts.Take()}", "--redis", "127.0.0.1:1", .. arguments,
        ]);

        var ended = await process.EndAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(told, Assert.Single(ended.Output), StringComparison.Ordinal);
    }
}
