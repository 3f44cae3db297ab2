using MQTTnet;
using MQTTnet.Formatter;
using Orleans.Mqtt.Tests.Broker.Interop;
using Orleans.Mqtt.Tests.Broker.Security;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Interop;

/// <summary>Enhanced authentication as MQTTnet understands it.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class MqttNetScramTests
{
    private readonly GuardedBroker _broker;

    public MqttNetScramTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it has no SCRAM");
        _broker = broker;
    }

    [Fact]
    public async Task A_client_with_a_handler_comes_in()
    {
        var topic = $"users/dave/{Unique.Token()}";
        var scram = new ScramClient("dave", "secret of dave");
        await using var client = await OtherClient.ConnectAsync(_broker.Port, more: options => options
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithEnhancedAuthentication(ScramClient.Method, scram.First())
            .WithEnhancedAuthenticationHandler(new Handler(scram)));

        scram.ExpectSigned(client.Answer.AuthenticationData);
        await client.SubscribeAsync((topic, 1));
        await client.PublishAsync(topic, "hello", 1);
        await client.ExpectAsync(topic, "hello", 1);
    }

    private sealed class Handler(ScramClient scram) : IMqttEnhancedAuthenticationHandler
    {
        public Task HandleEnhancedAuthenticationAsync(MqttEnhancedAuthenticationEventArgs eventArgs) => eventArgs.SendAsync(
            new SendMqttEnhancedAuthenticationDataOptions { Data = scram.Final(eventArgs.AuthenticationData) },
            eventArgs.CancellationToken);
    }
}
