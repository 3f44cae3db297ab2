using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Mqtt.Silo;
using Orleans.Mqtt.Tests.Support;
using Orleans.Storage;

namespace Orleans.Mqtt.Tests.Store;

public sealed class OrleansProvidersTests
{
    [Fact]
    public async Task Orleans_keeps_its_members_and_grain_state_in_the_embedded_store()
    {
        using var folder = new TestFolder();
        var grain = GrainId.Create("test", "1");
        await using (var store = EmbeddedStore.Start(folder.Path))
        {
            using var silo = await StartSilo(store);
            var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>("redis");
            var state = new GrainState<string> { State = "kept" };
            await storage.WriteStateAsync("s", grain, state);
            state.State = "kept too";
            await storage.WriteStateAsync("s", grain, state);
            await Assert.ThrowsAnyAsync<InconsistentStateException>(
                () => storage.WriteStateAsync("s", grain, new GrainState<string>("late", "0")));
            await silo.StopAsync(TestContext.Current.CancellationToken);
        }

        await using (var store = EmbeddedStore.Start(folder.Path))
        {
            using var silo = await StartSilo(store);
            var state = new GrainState<string>();
            await silo.Services.GetRequiredKeyedService<IGrainStorage>("redis").ReadStateAsync("s", grain, state);
            Assert.Equal("kept too", state.State);
            await silo.StopAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<IHost> StartSilo(EmbeddedStore store)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = "test")
            .ConfigureEndpoints(System.Net.IPAddress.Loopback, FreePorts.Take(), FreePorts.Take())
            .UseRedisClustering(options => options.ConfigurationOptions = store.Configuration)
            .AddRedisGrainStorage("redis", options => options.ConfigurationOptions = store.Configuration));
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
