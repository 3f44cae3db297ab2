using System.Globalization;
using Microsoft.Extensions.Hosting;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Samples.PlantMonitor;

/// <summary>
/// Watches plant/MACHINE/temp. A machine that is too hot gets an alarm that is kept for whoever looks later; one that says what is
/// no number is disconnected. (Each machine's client id is its name.)
/// </summary>
internal sealed class Thermometers(MqttCluster cluster, Readings readings) : BackgroundService
{
    private const double TooHot = 90;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var watch = await cluster.WatchAsync("plant/+/temp", stoppingToken);
        Console.WriteLine($"Watching {watch.Filter}.");
        await foreach (var message in watch.WithCancellation(stoppingToken))
        {
            var machine = message.Topic.Split('/')[1];
            if (double.TryParse(message.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var celsius))
                await NoteAsync(machine, celsius);
            else
                await cluster.Session(machine).Disconnect();
        }
    }

    private async Task NoteAsync(string machine, double celsius)
    {
        readings.Note(machine, celsius);
        if (celsius > TooHot)
        {
            await cluster.PublishAsync(
                Message.Of($"plant/{machine}/alarm", "too hot", QoS.AtLeastOnce) with { Retain = true });
        }
    }
}
