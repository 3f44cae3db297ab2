using Orleans.Mqtt.Silo;
using Orleans.Mqtt.Tests.Support;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(Orleans.Mqtt.Tests.Store.StoreServers))]

namespace Orleans.Mqtt.Tests.Store;

/// <summary>One server of each kind for all tests that do not break theirs.</summary>
public sealed class StoreServers : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly RedisProcess _redis = new("--appendfsync", "everysec"); // nobody kills it
    private EmbeddedStore? _embedded;

    public async ValueTask InitializeAsync()
    {
        await _redis.StartAsync();
        _embedded = EmbeddedStore.Start(_folder.Path);
    }

    public ConfigurationOptions Configuration(StoreKind kind) =>
        kind is StoreKind.Redis ? ConfigurationOptions.Parse(_redis.Address) : _embedded!.Configuration;

    public async ValueTask DisposeAsync()
    {
        await _embedded!.DisposeAsync();
        await _redis.DisposeAsync();
        _folder.Dispose();
    }
}
