using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// Keeps this silo's route table in step with the route grains: each change has the next version of its slice, and a
/// slice of which one was missed is read again from the store.
/// </summary>
internal sealed class RouteReplica(
    RouteTable table, RouteStore store, RemoteGateways gateways, IGrainFactory grains, ILocalSiloDetails silo,
    TimeProvider time, ILogger<RouteReplica> log)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly SliceState[] _slices = [.. Enumerable.Range(0, RouteSlices.Count).Select(slice => new SliceState(slice))];
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the table is whole: before, this silo routes nothing.</summary>
    public Task Filled => _filled.Task;

    /// <summary>Whether the table has just what the slice had at this version.</summary>
    public bool IsAt(int slice, long version) => _slices[slice].IsRead && _slices[slice].Version == version;

    /// <summary>Fills the table of a silo that has just joined; a slice that cannot be read yet is tried again.</summary>
    public async Task FillAsync(CancellationToken stopping)
    {
        await Task.WhenAll(_slices.Select(slice => FillAsync(slice, stopping)));
        _filled.TrySetResult();
    }

    /// <summary>Returns when the changes are in force here.</summary>
    public async Task ApplyAsync(int slice, long version, RouteChange[] changes)
    {
        var state = _slices[slice];
        await state.Gate.WaitAsync();
        try
        {
            if (state.IsRead && version <= state.Version)
                return;

            if (state.IsRead && version == state.Version + 1)
            {
                await ReachAsync(changes);
                table.Apply(changes);
                state.Version = version;
                return;
            }

            await ReadAsync(state); // what was stored before we were told is in it
        }
        finally
        {
            state.Gate.Release();
        }
    }

    /// <summary>Looks whether a change was missed anywhere, and mends it.</summary>
    public Task CompareAsync() => Task.WhenAll(_slices.Select(CompareAsync));

    private async Task FillAsync(SliceState state, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await CompareAsync(state);
                return;
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                log.RoutesNotRead(state.Slice, failure.Message);
            }

            await Task.Delay(_pause, time, stopping);
        }
    }

    private async Task CompareAsync(SliceState state)
    {
        // Greeted first, read then: so every change is either in what is read, or told of.
        var version = await grains.GetGrain<IRouteGrain>(state.Slice).Greet(silo.SiloAddress);
        if (state.IsRead && version <= state.Version)
            return;

        await state.Gate.WaitAsync();
        try
        {
            if (!state.IsRead || version > state.Version)
                await ReadAsync(state);
        }
        finally
        {
            state.Gate.Release();
        }
    }

    private async Task ReadAsync(SliceState state)
    {
        var (version, fields) = await store.ReadSlice(state.Slice);
        var routes = fields.ConvertAll(RouteFields.Read).ToArray();
        await ReachAsync(routes);
        if (state.IsRead)
        {
            log.RoutesRepaired(state.Slice, state.Version, version);
            table.Replace(state.Slice, routes);
        }
        else
        {
            table.Apply(routes);
        }

        state.Version = version;
        state.IsRead = true;
    }

    // A route is in force only where its gateway can be reached.
    private async Task ReachAsync(RouteChange[] changes)
    {
        foreach (var change in changes)
        {
            if (change is { GatewayId: { } gatewayId, Options: not RouteOptions.None } && table.PortOf(gatewayId) is null)
                await gateways.ReachAsync(gatewayId);
        }
    }

    private sealed class SliceState(int slice)
    {
        public int Slice { get; } = slice;

        /// <summary>Held while the slice changes here.</summary>
        public SemaphoreSlim Gate { get; } = new(1);

        public bool IsRead { get; set; }

        public long Version { get; set; }
    }
}
