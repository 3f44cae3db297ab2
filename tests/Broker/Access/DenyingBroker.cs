using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Access;

/// <summary>The tests that share one denying broker.</summary>
[CollectionDefinition(nameof(DenyingBroker))]
public sealed class DenyingBrokerShared : ICollectionFixture<DenyingBroker>;

/// <summary>A broker that denies: all of "denied/#", and "mute/#" to publishers only, so that it can be listened to.</summary>
public sealed class DenyingBroker : IAsyncLifetime
{
    private TestBroker? _broker;

    public int Port => Broker.Port;

    private TestBroker Broker => _broker ?? throw new InvalidOperationException("the broker was not started");

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync(
        "--Access:Deny:0=subscribe denied/#",
        "--Access:Deny:1=publish denied/#",
        "--Access:Deny:2=publish mute/#");

    public Task<RawClient> OpenAsync() => Broker.OpenAsync();

    public Task<RawClient> Connect5Async(Props? properties = null) => Broker.Connect5Async(properties);

    public Task<RawClient> ConnectAsync(Will? will = null) => Broker.ConnectAsync(will: will);

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}
