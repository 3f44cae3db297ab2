using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Mqtt.Streams;

namespace Orleans.Mqtt.Silo.Streams;

/// <summary>Keeps the list of filters. Reentrant: a bridge that closes must not wait for one that opens.</summary>
[Reentrant]
internal sealed class StreamRegistryGrain(
    [PersistentState("filters")] IPersistentState<StreamFilters> stored, IOptions<StreamsOptions> options,
    ILogger<StreamRegistryGrain> log) : Grain, IStreamRegistryGrain
{
    private Task _writing = Task.CompletedTask;

    public async Task Open(string filter)
    {
        if (!options.Value.Enabled)
            throw new InvalidOperationException("Streams:Enabled is not set in the silos.");

        // The bridge first: one that is just closing ends before it opens, and has then been taken off the list.
        await GrainFactory.GetGrain<IStreamBridgeGrain>(filter).Open();
        if (stored.State.Filters.Add(filter))
            await WriteAsync();
    }

    public Task Close(string filter) => stored.State.Filters.Remove(filter) ? WriteAsync() : Task.CompletedTask;

    public Task Wake() => Task.WhenAll(stored.State.Filters.ToArray().Select(WakeAsync));

    private async Task WakeAsync(string filter)
    {
        try
        {
            await GrainFactory.GetGrain<IStreamBridgeGrain>(filter).Wake();
        }
        catch (Exception failure)
        {
            log.BridgeNotReached(filter, failure.Message); // and woken again soon
        }
    }

    // One after the other: each write takes the list as it is then.
    private Task WriteAsync() => _writing = WriteAfterAsync(_writing);

    private async Task WriteAfterAsync(Task before)
    {
        await before.ContinueWith(_ => { }, TaskScheduler.Current); // whoever wrote has heard of its failure
        await stored.WriteStateAsync();
    }
}

/// <summary>What is stored.</summary>
[GenerateSerializer, Alias("mqtt.stream-filters")]
internal sealed class StreamFilters
{
    [Id(0)]
    public HashSet<string> Filters { get; set; } = [];
}
