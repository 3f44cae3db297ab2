using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Apps;

/// <summary>Two brokers of one cluster on a Redis, and this process as a client of it: the application.</summary>
public sealed class BrokerPair : IAsyncLifetime
{
    private readonly RedisProcess _redis = new();
    private IHost? _application;

    public BrokerPair()
    {
        string[] settings =
        [
            "--Streams:Enabled=true", "--Streams:Filters:0=hall/+/temp",
            $"--Applications:Assemblies:0={BuiltProgram.PathOf("Orleans.Mqtt.Samples.PlantAverage")}",
        ];
        First = new BrokerProcess(_redis.Port, settings);
        Second = new BrokerProcess(_redis.Port, settings);
    }

    internal BrokerProcess First { get; }

    internal BrokerProcess Second { get; }

    public int RedisPort => _redis.Port;

    public MqttCluster Cluster => _application!.Services.GetRequiredService<MqttCluster>();

    public IClusterClient Client => _application!.Services.GetRequiredService<IClusterClient>();

    public async ValueTask InitializeAsync()
    {
        await _redis.StartAsync();
        await Task.WhenAll(First.StartAsync(), Second.StartAsync());
        _application = await StartApplicationAsync();
    }

    /// <summary>Another application on the cluster.</summary>
    public async Task<IHost> StartApplicationAsync(params string[] settings)
    {
        var builder = Host.CreateApplicationBuilder(settings);
        builder.Logging.ClearProviders();
        builder.AddOrleansMqttClient(_redis.Address);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Kills one of them, and starts it again whatever becomes of the rest: the pair serves other tests, too.</summary>
    internal static async Task WithoutAsync(BrokerProcess killed, Func<Task> meanwhile)
    {
        await killed.KillAsync();
        try
        {
            await meanwhile();
        }
        finally
        {
            await killed.StartAsync();
        }
    }

    /// <summary>Kills both and starts them again; ends when the application has found them.</summary>
    internal async Task RestartAsync()
    {
        await First.KillAsync();
        await Second.KillAsync();
        await Task.WhenAll(First.StartAsync(), Second.StartAsync());
        await Eventually.ThatAsync(IsFoundAsync);
    }

    private async Task<bool> IsFoundAsync()
    {
        try
        {
            return await Cluster.ReadRetainedAsync("nothing/is/here") is [];
        }
        catch (Exception notYet) when (notYet is OrleansException or TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.StopAsync();
            _application.Dispose();
        }

        await First.DisposeAsync();
        await Second.DisposeAsync();
        await _redis.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class BrokerPairCollection : ICollectionFixture<BrokerPair>
{
    public const string Name = "one cluster";
}
