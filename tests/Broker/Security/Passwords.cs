using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Writes password files with our own command, as an operator does; with few iterations, since tests log in often.</summary>
internal static class Passwords
{
    public static Task SetAsync(string file, string user, string password) =>
        RunAsync(password, file, user, "--iterations", "1000");

    /// <summary>Of a user who can prove it by SCRAM.</summary>
    public static Task SetScramAsync(string file, string user, string password) =>
        RunAsync(password, file, user, "--scram", "--iterations", "4096");

    private static async Task RunAsync(string password, string file, string user, params string[] more)
    {
        var ended = await TestBroker.RunToEndAsync(password + "\n", ["passwd", file, user, .. more]);
        Assert.True(ended.ExitCode == 0, string.Join('\n', ended.Output));
    }
}
