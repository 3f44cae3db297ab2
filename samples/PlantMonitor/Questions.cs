using Microsoft.Extensions.Hosting;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Samples.PlantMonitor;

/// <summary>Answers whoever asks on plant/hottest which machine is, where MQTT 5's Response Topic says.</summary>
internal sealed class Questions(MqttCluster cluster, Readings readings) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var watch = await cluster.WatchAsync("plant/hottest", stoppingToken);
        Console.WriteLine($"Watching {watch.Filter}.");
        await foreach (var question in watch.WithCancellation(stoppingToken))
        {
            if (question.ResponseTopic is not { } asker)
                continue; // nobody to tell

            await cluster.PublishAsync(
                Message.Of(asker, readings.Hottest(), question.QoS) with { CorrelationData = question.CorrelationData });
        }
    }
}
