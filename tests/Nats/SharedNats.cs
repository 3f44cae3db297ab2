using Orleans.Mqtt.Tests.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

[assembly: AssemblyFixture(typeof(SharedNats))]

namespace Orleans.Mqtt.Tests.Nats;

/// <summary>A nats-server and a broker with the settings of its own accord, for tests that keep to topics of their own.</summary>
public sealed class SharedNats : IAsyncLifetime
{
    private NatsServer? _server;
    private TestBroker? _broker;

    internal NatsServer Server => _server!;

    internal TestBroker Broker => _broker!;

    public async ValueTask InitializeAsync()
    {
        _server = await NatsServer.StartAsync("max_payload: 262144");
        _broker = await NatsBroker.StartAsync(_server);
        await _broker.SaysAsync("NATS is there");
    }

    /// <summary>Someone on NATS who hears the copies of a topic and of those below.</summary>
    internal Task<NatsPeer> HearingAsync(string topic) =>
        NatsPeer.HearingAsync(_server!, $"mqtt.{topic.Replace('/', '.')}.>");

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
