using Microsoft.Extensions.Options;
using Orleans.Mqtt.Streams;

namespace Orleans.Mqtt.Silo.Streams;

/// <summary>Every silo sees to it that the bridges of streams are there, also those of a silo that was lost.</summary>
internal sealed class StreamKeeper(
    IGrainFactory grains, IOptions<StreamsOptions> options, TimeProvider time, ILogger<StreamKeeper> log) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _toOpen = [.. options.Value.Filters];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_interval, time);
        do
        {
            try
            {
                await LookAsync();
            }
            catch (Exception failure)
            {
                log.BridgesNotLookedAfter(failure.Message);
            }
        }
        while (await ticks.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync()
    {
        var registry = grains.GetGrain<IStreamRegistryGrain>(0);
        foreach (var filter in _toOpen.ToArray())
        {
            await registry.Open(filter);
            _toOpen.Remove(filter);
        }

        await registry.Wake();
    }
}
