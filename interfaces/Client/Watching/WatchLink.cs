using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Client.Watching;

/// <summary>
/// Makes this process known to the silos as one that messages go to, and keeps it so: a lease, routes that are stored, an
/// observer that every silo calls. Nothing of it happens before the first watch.
/// </summary>
internal sealed class WatchLink(
    IGrainFactory grains, WatchTable table, ClusterWatch cluster, IOptions<WatchOptions> options, WatchMetrics metrics,
    TimeProvider time, ILogger<WatchLink> log) : IHostedService, IDisposable
{
    private const int RenewalsInALease = 4;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly WatchObserver _observer = new(table); // Orleans holds observers weakly
    private readonly SemaphoreSlim _changing = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SiloKeys _keys = new(time);
    private IWatchObserver? _reference;
    private string? _id;
    private Task _renewing = Task.CompletedTask;
    private long _announced;

    public static bool CanWatch(string filter) =>
        TopicFilter.IsValid(filter) && !SharedFilter.IsShared(filter) && !ExclusiveFilter.IsExclusive(filter);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The task ends when every silo has the route.</summary>
    /// <exception cref="ArgumentException">It is no filter that can be watched.</exception>
    public Task<TopicWatch> WatchAsync(string filter, CancellationToken cancellationToken)
    {
        if (!CanWatch(filter))
            throw new ArgumentException($"'{filter}' cannot be watched.", nameof(filter));

        // Outside of the grain that may have called: the link serves the whole process.
        return Task.Run(() => BeginWatchAsync(filter, cancellationToken), cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _renewing;
        table.ForEach(watch => watch.End());
        await EndLifeAsync();
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _changing.Dispose();
    }

    private async Task<TopicWatch> BeginWatchAsync(string filter, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        await _changing.WaitAsync(ending.Token);
        try
        {
            if (_id is null)
            {
                await BeginLifeAsync(ending.Token);
                _renewing = RenewAsync();
            }

            if (!table.Has(filter))
                await AnnounceAsync([filter], RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged, ending.Token);
            var watch = new TopicWatch(filter, options.Value, table, metrics);
            table.Add(watch);
            return watch;
        }
        finally
        {
            _changing.Release();
        }
    }

    // Another silo each time: one that hangs must not cost the lease.
    private IGatewayLeaseGrain NextSilo() => grains.GetGrain<IGatewayLeaseGrain>(_keys.Next(cluster.Version));

    private async Task BeginLifeAsync(CancellationToken ending)
    {
        _reference ??= grains.CreateObjectReference<IWatchObserver>(_observer);
        var id = WatchIds.New();
        await UntilDoneAsync(
            async () => cluster.Note(await NextSilo().Begin(id, options.Value.Lease, _reference)), ending);
        _id = id;
    }

    private async Task RenewAsync()
    {
        using var ticks = new PeriodicTimer(options.Value.Lease / RenewalsInALease, time);
        try
        {
            while (await ticks.WaitForNextTickAsync(_stopping.Token))
                await StayAsync();
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }

    private async Task StayAsync()
    {
        LeaseAnswer answer;
        try
        {
            answer = await NextSilo().Renew(_id!, options.Value.Lease);
        }
        catch (Exception failure)
        {
            log.LeaseNotRenewed(failure.Message); // the next tick asks another silo
            return;
        }

        cluster.Note(answer);
        await _changing.WaitAsync(_stopping.Token);
        try
        {
            if (!answer.IsAlive)
                await BeginAnewAsync();
            await WithdrawAsync();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The cluster had given us up: its routes to us have gone with the lease.</summary>
    private async Task BeginAnewAsync()
    {
        var filters = table.Filters();
        log.LeaseLost(filters.Count);
        table.ForEach(watch => watch.Interrupt());
        await BeginLifeAsync(_stopping.Token);
        await AnnounceAsync(filters, RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged, _stopping.Token);
    }

    // Here and not where a watch ends: nobody needs to wait for it.
    private Task WithdrawAsync() =>
        AnnounceAsync([.. table.TakeDeserted().Where(filter => !table.Has(filter))], RouteOptions.None, _stopping.Token);

    private Task AnnounceAsync(IEnumerable<string> filters, RouteOptions wanted, CancellationToken ending)
    {
        var number = ++_announced; // a call that was given up may come later than the next
        return Task.WhenAll(filters
            .Select(filter => new RouteChange(filter, RouteChange.ToGateway(_id!), wanted) { Number = number })
            .GroupBy(change => RouteSlices.Of(change.Filter))
            .Select(slice => UntilDoneAsync(() => grains.GetGrain<IRouteGrain>(slice.Key).Change([.. slice]), ending)));
    }

    private async Task UntilDoneAsync(Func<Task> call, CancellationToken ending)
    {
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception failure) when (!ending.IsCancellationRequested)
            {
                log.LinkFailed(failure.Message);
            }

            await Task.Delay(_pause, time, ending);
        }
    }

    // Without this the lease ends by itself, a few seconds later.
    private async Task EndLifeAsync()
    {
        try
        {
            if (_id is not null)
                await grains.GetGrain<IGatewayGrain>(_id).End();
        }
        catch (Exception failure)
        {
            log.LinkFailed(failure.Message);
        }
    }
}
