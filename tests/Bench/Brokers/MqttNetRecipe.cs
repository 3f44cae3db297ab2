using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using MQTTnet.Server;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>The server of MQTTnet, in memory; this program, started once more, is its process.</summary>
internal sealed class MqttNetRecipe(int outstanding) : Recipe
{
    public const string Command = "serve-mqttnet";

    public override string Name => "mqttnet";

    public override string? Obstacle => null;

    public override IReadOnlyList<Part> Prepare(IReadOnlyList<int> ports, string folder) =>
    [
        new("dotnet",
        [
            typeof(MqttNetRecipe).Assembly.Location, Command, ports[0].ToString(CultureInfo.InvariantCulture),
            Math.Max(1_000_000, outstanding * 10).ToString(CultureInfo.InvariantCulture),
        ]),
    ];

    /// <summary>Serves until the process is asked to end.</summary>
    public static async Task ServeAsync(int port, int mostPending)
    {
        var factory = new MqttServerFactory();
        using var server = factory.CreateMqttServer(factory.CreateServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointPort(port)
            .WithConnectionBacklog(1_000)
            .WithMaxPendingMessagesPerClient(mostPending)
            .WithPersistentSessions()
            .Build());
        await server.StartAsync();
        var asked = new TaskCompletionSource();
        using var end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            asked.TrySetResult();
        });
        await asked.Task;
        await server.StopAsync();
    }
}
