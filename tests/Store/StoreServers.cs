using Orleans.Mqtt.Silo;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(Orleans.Mqtt.Tests.Store.StoreServers))]

namespace Orleans.Mqtt.Tests.Store;

/// <summary>One server of each kind for all tests that do not break theirs.</summary>
public sealed class StoreServers : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private RedisServer? _redis;
    private EmbeddedStore? _embedded;

    public async ValueTask InitializeAsync()
    {
        _redis = new RedisServer();
        await _redis.WaitUntilReady();
        _embedded = EmbeddedStore.Start(_folder.Path);
    }

    public ConfigurationOptions Configuration(StoreKind kind) =>
        kind is StoreKind.Redis ? _redis!.Configuration : _embedded!.Configuration;

    public async ValueTask DisposeAsync()
    {
        await _embedded!.DisposeAsync();
        await _redis!.DisposeAsync();
        _folder.Dispose();
    }
}
