using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Writes password files with our own command, as an operator does; with few iterations, since tests log in often.</summary>
internal static class Passwords
{
    public static async Task SetAsync(string file, string user, string password)
    {
        var ended = await TestBroker.RunToEndAsync(password + "\n", "passwd", file, user, "--iterations", "1000");
        Assert.True(ended.ExitCode == 0, string.Join('\n', ended.Output));
    }
}
