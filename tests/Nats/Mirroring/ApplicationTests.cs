using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Mirroring;

/// <summary>This process is an application of the cluster, and publishes through the grain of a topic.</summary>
public sealed class ApplicationTests
{
    [Fact]
    public async Task What_an_application_publishes_is_on_NATS_once_with_all_that_it_said()
    {
        await using var redis = new RedisProcess();
        await redis.StartAsync();
        await using var server = await NatsServer.StartAsync();
        string[] settings = ["--redis", redis.Address];
        await using var one = await NatsBroker.StartAsync(server, settings);
        await using var two = await NatsBroker.StartAsync(server, settings);
        await one.SaysAsync("NATS is there");
        await two.SaysAsync("NATS is there");
        await using var peer = await NatsPeer.HearingAsync(server, "mqtt.>");
        await using var alice = await two.ConnectAsync();
        await alice.SubscribeAsync("plant/#", 2);
        using var application = await StartApplicationAsync(redis.Port);
        var topic = application.Services.GetRequiredService<MqttCluster>().Topic("plant/seven/alarm");

        foreach (var qos in new[] { QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce })
        {
            var message = Message.Of("plant/seven/alarm", $"too hot {qos}", qos) with
            {
                ContentType = "text/plain", UserProperties = [new("machine", "7")], Retain = qos is QoS.ExactlyOnce,
            };
            Assert.Equal(ReasonCode.Success, await topic.Publish(message));

            var copy = await peer.ExpectAsync("mqtt.plant.seven.alarm", $"too hot {qos}"); // the next one: none comes twice
            Assert.Equal(($"{(int)qos}", "text/plain"), ($"{copy.Headers![MessageHeaders.QoSLevel]}", $"{copy.Headers[MessageHeaders.ContentType]}"));
            Assert.Equal("machine=7", $"{copy.Headers[MessageHeaders.UserProperty]}");
            Assert.Equal(qos is QoS.ExactlyOnce, copy.Headers.ContainsKey(MessageHeaders.Retain));
            Assert.False(copy.Headers.ContainsKey(MessageHeaders.ClientId)); // it is nobody's
            await alice.ExpectTextAsync($"too hot {qos}");
        }

        await application.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<IHost> StartApplicationAsync(int redis)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.AddOrleansMqttClient($"127.0.0.1:{redis}");
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
