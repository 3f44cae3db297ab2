using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Tests.Support;
using Orleans.TestingHost;
using StackExchange.Redis;
using Xunit;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>Three silos in this process, on a Redis of their own.</summary>
public class SiloCluster : IAsyncLifetime
{
    private const short Silos = 3;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private readonly RedisProcess _redis = new("--appendfsync", "everysec"); // nobody kills it
    private readonly InProcessTestCluster _cluster;

    public SiloCluster()
        : this(losesSilos: false)
    {
    }

    /// <param name="losesSilos">One that is killed is soon missed; else one that stands still, on a busy machine, is not.</param>
    /// <param name="settings">Beyond the usual.</param>
    protected SiloCluster(bool losesSilos, params KeyValuePair<string, string?>[] settings)
    {
        var builder = new InProcessTestClusterBuilder(Silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSiloHost((_, host) =>
        {
            host.Logging.ClearProviders();
            host.Configuration.AddInMemoryCollection(
                [new("Store:Prefix", builder.Options.ClusterId), new("Sessions:StoreEphemeral", "true"), .. settings]);
        });
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMqttGrains(ConfigurationOptions.Parse(_redis.Address));
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(losesSilos ? 1 : 20);
                membership.NumMissedProbesLimit = 2;
            });
        });
        _cluster = builder.Build();
    }

    public IClusterClient Client => _cluster.Client;

    public IReadOnlyList<SiloAddress> Active => [.. _cluster.GetActiveSilos().Select(silo => silo.SiloAddress)];

    public async ValueTask InitializeAsync()
    {
        await _redis.StartAsync();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _redis.Resume();
        await _cluster.DisposeAsync();
        await _redis.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public TGrain Grain<TGrain>(string key)
        where TGrain : IGrainWithStringKey => Client.GetGrain<TGrain>(key);

    public TGrain Grain<TGrain>(long key)
        where TGrain : IGrainWithIntegerKey => Client.GetGrain<TGrain>(key);

    /// <summary>A part of one silo.</summary>
    internal TPart Part<TPart>(SiloAddress silo)
        where TPart : class => _cluster.GetSiloServiceProvider(silo).GetRequiredService<TPart>();

    /// <summary>That part of every silo.</summary>
    internal IEnumerable<TPart> Parts<TPart>()
        where TPart : class => Active.Select(Part<TPart>);

    /// <summary>The silo that a grain is in.</summary>
    public SiloAddress SiloOf(IAddressable grain) => _cluster.TryGetGrainContext(grain.GetGrainId(), out var context)
        ? context.Address.SiloAddress!
        : throw new InvalidOperationException($"{grain} is nowhere");

    public async Task<SiloAddress> StartSiloAsync() => (await _cluster.StartAdditionalSiloAsync()).SiloAddress;

    /// <summary>The silo is gone without a word.</summary>
    public Task KillAsync(SiloAddress silo) => _cluster.KillSiloAsync(_cluster.GetSiloForAddress(silo)!);

    public Task DeactivateAsync(IAddressable grain) => _cluster.DeactivateAsync(grain);

    public async Task MigrateAsync(IAddressable grain, SiloAddress silo)
    {
        if (SiloOf(grain) != silo)
            await _cluster.MigrateAsync(grain, silo).WaitAsync(_longest);
    }

    /// <summary>One whose silos are killed.</summary>
    public sealed class Mortal() : SiloCluster(losesSilos: true);

    /// <summary>The store hangs until <see cref="ContinueStore"/>.</summary>
    public void PauseStore() => _redis.Pause();

    public void ContinueStore() => _redis.Resume();
}
