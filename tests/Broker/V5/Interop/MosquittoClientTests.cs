using System.Globalization;
using Orleans.Mqtt.Tests.Broker.Interop;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Interop;

/// <summary>MQTT 5 as the clients of Mosquitto speak it.</summary>
public sealed class MosquittoClientTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic("mosquitto5");

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Every_QoS_with_every_property(int qos)
    {
        await using var subscriber = await SubscribeAsync(
            "heard %q %r %t %p C=%C R=%R D=%D F=%F P=%P", 1, "-t", _topic, "-q", Text(qos));

        await PublishAsync("-t", _topic, "-q", Text(qos), "-m", "hello",
            "-D", "publish", "content-type", "text/plain", "-D", "publish", "response-topic", "answers",
            "-D", "publish", "correlation-data", "seven", "-D", "publish", "payload-format-indicator", "1",
            "-D", "publish", "user-property", "b", "2", "-D", "publish", "user-property", "a", "1");

        await subscriber.SaysAsync($"heard {qos} 0 {_topic} hello C=text/plain R=answers D=seven F=1 P=b:2 a:1");
        Assert.Equal(0, (await subscriber.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData("mqttv5", "mqttv311"), InlineData("mqttv311", "mqttv5"), InlineData("mqttv5", "mqttv31")]
    public async Task Mixed_versions(string publisher, string subscriber)
    {
        await using var listening = await MosquittoTools.SubscribeAsync(
            broker.Port, "heard %q %r %t %p", 1, "-V", subscriber, "-t", _topic, "-q", "2");

        await MosquittoTools.PublishAsync(broker.Port, "-V", publisher, "-t", _topic, "-q", "2", "-m", "hello");

        await listening.SaysAsync($"heard 2 0 {_topic} hello");
    }

    [Fact]
    public async Task Offline_queueing_with_a_session_expiry()
    {
        var id = Unique.ClientId("m");
        string[] lasting = ["-i", id, "-c", "-x", "100", "-t", _topic, "-q", "2"];
        await using (var first = await SubscribeAsync("heard %p", 1, lasting))
        {
            await PublishAsync("-t", _topic, "-q", "1", "-m", "enough");
            Assert.Equal(0, (await first.EndAsync()).ExitCode);
        }

        await PublishAsync("-t", _topic, "-q", "1", "-m", "one", "-D", "publish", "message-expiry-interval", "1000");
        await PublishAsync("-t", _topic, "-q", "2", "-m", "two");

        await using var second = await SubscribeAsync("heard %p E=%E", 2, lasting);
        await second.SaysAsync("heard one E=");
        await second.SaysAsync("heard two");
    }

    [Fact]
    public async Task Aliases_of_a_publisher_that_has_much_to_say()
    {
        await using var subscriber = await SubscribeAsync("heard %t %p", 3, "-t", _topic);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, ["1", "2", "3"], TestContext.Current.CancellationToken);
            await using var publisher = RunningProcess.Start("/bin/sh", "-c",
                $"mosquitto_pub -h 127.0.0.1 -p {broker.Port} -V mqttv5 -t {_topic} -q 1 -l -D publish topic-alias 5 < {file}");
            Assert.Equal(0, (await publisher.EndAsync()).ExitCode);
        }
        finally
        {
            File.Delete(file);
        }

        foreach (var text in new[] { "1", "2", "3" })
            await subscriber.SaysAsync($"heard {_topic} {text}");
    }

    [Fact]
    public async Task Will_with_properties()
    {
        await using var witness = await SubscribeAsync("heard %t %p P=%P", 1, "-t", _topic, "-q", "1");
        await using var client = await SubscribeAsync(
            "%p", 1, "-t", _topic + "/x", "--will-topic", _topic, "--will-payload", "gone", "--will-qos", "1",
            "-D", "will", "user-property", "a", "1");

        await client.KillAsync();

        await witness.SaysAsync($"heard {_topic} gone P=a:1");
    }

    [Fact]
    public async Task Retained_and_small_windows_and_packets()
    {
        await PublishAsync("-t", _topic, "-q", "1", "-r", "-m", "kept");
        await using var subscriber = await SubscribeAsync("heard %r %p", 4, "-t", _topic, "-q", "2",
            "-D", "connect", "receive-maximum", "1", "-D", "connect", "maximum-packet-size", "100");
        for (var i = 0; i < 3; i++)
        {
            await PublishAsync("-t", _topic, "-q", "2", "-m", new string('x', 200));
            await PublishAsync("-t", _topic, "-q", "2", "-m", Text(i));
        }

        await subscriber.SaysAsync("heard 1 kept");
        for (var i = 0; i < 3; i++)
            await subscriber.SaysAsync($"heard 0 {i}");
        await PublishAsync("-t", _topic, "-q", "1", "-r", "-n");
    }

    private Task<RunningProcess> SubscribeAsync(string format, int count, params string[] arguments) =>
        MosquittoTools.SubscribeAsync(broker.Port, format, count, ["-V", "mqttv5", .. arguments]);

    private Task PublishAsync(params string[] arguments) =>
        MosquittoTools.PublishAsync(broker.Port, ["-V", "mqttv5", .. arguments]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
