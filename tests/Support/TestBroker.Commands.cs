using System.Diagnostics;

namespace Orleans.Mqtt.Tests.Support;

// The program as somebody at a terminal uses it.
public sealed partial class TestBroker
{
    /// <summary>Runs it to its end with these arguments and this input.</summary>
    public static async Task<Ended> RunToEndAsync(string input, params string[] arguments)
    {
        await using var process = RunningProcess.Start(
            new ProcessStartInfo("dotnet", [BuiltProgram.PathOf(BuiltProgram.Silo), .. arguments]) { RedirectStandardInput = true });
        await process.Input.WriteAsync(input);
        process.Input.Close();
        return await process.EndAsync();
    }

    /// <summary>The file of an assembly that was built with the tests.</summary>
    public static string Built(string name) => BuiltProgram.PathOf(name);

    /// <summary>Starts a broker that should not start; gives the one line in which it says why.</summary>
    public static async Task<string> ExpectNoStartAsync(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("mqtt-test-").FullName;
        try
        {
            var ended = await RunToEndAsync("",
            [
                "--listen", $"tcp://127.0.0.1:{FreePorts.Take()}", "--admin", $"http://127.0.0.1:{FreePorts.Take()}",
                "--data", folder, .. arguments,
            ]);
            Xunit.Assert.Equal(1, ended.ExitCode);
            return Xunit.Assert.Single(ended.Output, line => line.Length > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Waits for a line of the broker that contains this.</summary>
    public Task SaysAsync(string part) =>
        (_process ?? throw new InvalidOperationException("the broker does not run")).SaysAsync(part);
}
