using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Limits;

/// <summary>The tests that share one broker with little on offer.</summary>
[CollectionDefinition(nameof(StrictBroker))]
public sealed class StrictBrokerShared : ICollectionFixture<StrictBroker>;

/// <summary>A broker that offers as little as its settings let it.</summary>
public sealed class StrictBroker : IAsyncLifetime
{
    private TestBroker? _broker;

    private TestBroker Broker => _broker ?? throw new InvalidOperationException("the broker was not started");

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync(
        "--Gateway:MaximumQoS=AtLeastOnce",
        "--Gateway:RetainAvailable=false",
        "--Gateway:WildcardSubscriptionAvailable=false",
        "--Gateway:SubscriptionIdentifierAvailable=false",
        "--Gateway:SharedSubscriptionAvailable=false",
        "--Gateway:ValidatePayloadFormat=true",
        "--Gateway:MaximumKeepAlive=00:00:04",
        "--Gateway:MaximumSessionExpiry=00:01:00",
        "--Gateway:ReceiveMaximum=5",
        "--Gateway:TopicAliasMaximum=0",
        "--Gateway:MaximumPacketSize=1000",
        "--Gateway:ResponseInformation=answers/{clientId}");

    public Task<RawClient> OpenAsync() => Broker.OpenAsync();

    public Task<RawClient> ConnectAsync(ConnectOptions options) => Broker.ConnectAsync(options);

    public Task<RawClient> Connect5Async(Props? properties = null, string? clientId = null) =>
        Broker.Connect5Async(properties, clientId);

    public async Task ExpectGoodbyeUponAsync(int reason, byte[] packet)
    {
        await using var client = await Connect5Async();
        await client.SendAsync(packet);
        await client.ExpectGoodbyeAsync(reason);
    }

    public async Task ExpectClosedUponAsync(byte[] packet)
    {
        await using var old = await ConnectAsync(new ConnectOptions());
        await old.SendAsync(packet);
        await old.ExpectClosedAsync();
    }

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}
