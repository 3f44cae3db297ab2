using System.Diagnostics;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Apps;

/// <summary>The sample, as a process beside the brokers.</summary>
[Collection(BrokerPairCollection.Name)]
public sealed class PlantMonitorTests(BrokerPair pair)
{
    [Fact]
    public async Task The_plant_monitor_sounds_the_alarm_answers_and_disconnects()
    {
        await using var monitor = RunningProcess.Start(new ProcessStartInfo(
            "dotnet", [BuiltProgram.PathOf("Orleans.Mqtt.Samples.PlantMonitor"), "--redis", $"127.0.0.1:{pair.RedisPort}"]));
        await monitor.SaysAsync("Watching plant/+/temp.");
        await monitor.SaysAsync("Watching plant/hottest.");
        await using var press = await pair.First.ConnectAsync(new ConnectOptions { ClientId = "press" });
        await using var operatorPanel = await pair.Second.ConnectAsync(
            ConnectOptions.Version5 with { ClientId = Unique.ClientId(), Properties = new Props() });
        await operatorPanel.SubscribeAsync("plant/+/alarm", 1);
        await operatorPanel.SubscribeAsync("answers", 1);

        await press.PublishAsync("plant/press/temp", "97.5", qos: 1);
        await operatorPanel.ExpectTextAsync("too hot", "plant/press/alarm");

        await operatorPanel.PublishAsync(
            "plant/hottest", "", qos: 1, properties: new Props().Text(Prop.ResponseTopic, "answers").Binary(Prop.CorrelationData, 7));
        var answer = await operatorPanel.HearAsync();
        Assert.Equal(("answers", "press"), (answer.Topic, answer.Text));
        Assert.Equal([7], answer.Properties.Find(Prop.CorrelationData)!.Value[2..]);

        await press.PublishAsync("plant/press/temp", "hot", qos: 0);
        await press.ExpectClosedAsync();
        Assert.Equal(0, (await monitor.TerminateAsync()).ExitCode);
    }
}
