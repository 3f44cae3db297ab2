using System.Globalization;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Interop;

/// <summary>The clients of Mosquitto, each a process of its own.</summary>
internal static class MosquittoTools
{
    /// <summary>A subscriber that is in. What it hears it says in this format; it ends after so many.</summary>
    public static async Task<RunningProcess> SubscribeAsync(int port, string format, int count, params string[] arguments)
    {
        NeedsTools();
        // Without stdbuf it would keep its words to itself until it ends, because it speaks into a pipe.
        var subscriber = RunningProcess.Start("stdbuf",
        [
            "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", Text(port), "-d",
            "-C", Text(count), "-W", "20", "-F", format,
            .. arguments,
        ]);
        await subscriber.SaysAsync("Subscribed (mid:");
        return subscriber;
    }

    /// <summary>Returns when the publisher has ended well.</summary>
    public static async Task PublishAsync(int port, params string[] arguments)
    {
        NeedsTools();
        await using var publisher = RunningProcess.Start(
            "mosquitto_pub", ["-h", "127.0.0.1", "-p", Text(port), .. arguments]);
        var ended = await publisher.EndAsync();
        Assert.True(ended.ExitCode == 0, publisher.Transcript());
    }

    private static void NeedsTools() =>
        Assert.SkipUnless(File.Exists("/usr/bin/mosquitto_sub"), "the package mosquitto-clients is not installed");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
