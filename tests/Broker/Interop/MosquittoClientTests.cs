using System.Globalization;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Interop;

/// <summary>The same behaviours, judged by the clients of Mosquitto, each a process of its own.</summary>
public sealed class MosquittoClientTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic("mosquitto");

    [Theory]
    [InlineData("mqttv311", 0, 0), InlineData("mqttv311", 1, 1), InlineData("mqttv311", 2, 2)]
    [InlineData("mqttv311", 1, 2), InlineData("mqttv311", 2, 1), InlineData("mqttv31", 2, 2)]
    public async Task Basic_and_every_QoS(string version, int published, int subscribed)
    {
        await using var subscriber = await SubscribeAsync(1, "-V", version, "-t", _topic, "-q", Text(subscribed));

        await PublishAsync("-V", version, "-t", _topic, "-q", Text(published), "-m", "hello");

        await subscriber.SaysAsync($"heard {Math.Min(published, subscribed)} 0 {_topic} hello");
        Assert.Equal(0, (await subscriber.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Many_lines_in_their_order()
    {
        await using var subscriber = await SubscribeAsync(200, "-t", _topic, "-q", "1");

        var lines = Enumerable.Range(0, 200).Select(Text).ToList();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);
            await using var publisher = RunningProcess.Start("/bin/sh",
                "-c", $"mosquitto_pub -h 127.0.0.1 -p {broker.Port} -t {_topic} -q 1 -l < {file}");
            Assert.Equal(0, (await publisher.EndAsync()).ExitCode);
        }
        finally
        {
            File.Delete(file);
        }

        var output = (await subscriber.EndAsync()).Output;
        var heard = output.Where(line => line.StartsWith("heard ", StringComparison.Ordinal));
        Assert.Equal(lines.Select(line => $"heard 1 0 {_topic} {line}"), heard);
    }

    [Fact]
    public async Task Retained()
    {
        await PublishAsync("-t", _topic, "-q", "1", "-r", "-m", "kept");

        await using (var subscriber = await SubscribeAsync(1, "-t", _topic, "-q", "1"))
            await subscriber.SaysAsync($"heard 1 1 {_topic} kept");

        await PublishAsync("-t", _topic, "-q", "1", "-r", "-n");
        await using var late = await SubscribeAsync(1, "-t", _topic, "-q", "1");
        await PublishAsync("-t", _topic, "-q", "1", "-m", "fence");
        await late.SaysAsync($"heard 1 0 {_topic} fence");
    }

    [Fact]
    public async Task Offline_queueing()
    {
        var id = Unique.ClientId("m");
        await using (var first = await SubscribeAsync(1, "-i", id, "-c", "-t", _topic, "-q", "2"))
        {
            await PublishAsync("-t", _topic, "-q", "1", "-m", "enough");
            Assert.Equal(0, (await first.EndAsync()).ExitCode);
        }

        await PublishAsync("-t", _topic, "-q", "1", "-m", "one");
        await PublishAsync("-t", _topic, "-q", "2", "-m", "two");

        await using var second = await SubscribeAsync(2, "-i", id, "-c", "-t", _topic, "-q", "2");
        await second.SaysAsync("one");
        await second.SaysAsync("two");
    }

    [Fact]
    public async Task Will()
    {
        await using var witness = await SubscribeAsync(1, "-t", _topic, "-q", "1");
        await using var client = await SubscribeAsync(
            1, "-t", _topic + "/x", "--will-topic", _topic, "--will-payload", "gone", "--will-qos", "1");

        await client.KillAsync();

        await witness.SaysAsync($"heard 1 0 {_topic} gone");
    }

    [Fact]
    public async Task User_name_and_password()
    {
        await using var subscriber = await SubscribeAsync(1, "-t", _topic, "-u", "someone", "-P", "secret");

        await PublishAsync("-t", _topic, "-u", "someone", "-P", "secret", "-m", "let in");

        await subscriber.SaysAsync($"heard 0 0 {_topic} let in");
    }

    /// <summary>Each line that it hears starts with "heard"; it ends after so many.</summary>
    private Task<RunningProcess> SubscribeAsync(int count, params string[] arguments) =>
        MosquittoTools.SubscribeAsync(broker.Port, "heard %q %r %t %p", count, arguments);

    private Task PublishAsync(params string[] arguments) => MosquittoTools.PublishAsync(broker.Port, arguments);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
