using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>Says "here I am" until it is no longer; before the listeners open and after they have closed.</summary>
internal sealed class Registration(
    IGrainFactory grains, IDownlinkReference reference, GatewayIdentity identity, ConnectionTable connections,
    GatewayLease lease, RouteAnnouncer announcer, ClusterWatch watch, IOptions<GatewayOptions> options, TimeProvider time,
    ILogger<Registration> log) : IHostedService, IDisposable
{
    private const int RenewalsInALease = 4;
    private const int MostAsked = 3;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100), _hedge = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SiloKeys _keys = new(time);
    private Task _renewing = Task.CompletedTask;
    private volatile bool _isStoreAway;

    /// <summary>The cluster has heard of us within the lease, and can keep what it is told.</summary>
    public bool IsRenewed => lease.IsHeld && !_isStoreAway;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        _renewing = RenewAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        try
        {
            await _renewing.WaitAsync(cancellationToken);
            await grains.GetGrain<IGatewayGrain>(identity.Id).End().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            log.EndNotTold();
        }

        reference.Detach();
    }

    public void Dispose() => _stopping.Dispose();

    // Another silo each time: one that cannot be reached, or cannot reach the store, must not cost the lease.
    private IGatewayLeaseGrain NextSilo() => grains.GetGrain<IGatewayLeaseGrain>(_keys.Next(watch.Version));

    private async Task BeginAsync(CancellationToken stopping)
    {
        var observer = reference.Attach();
        while (true)
        {
            try
            {
                var began = time.GetTimestamp();
                Note(await NextSilo().Begin(identity.Id, options.Value.Lease, observer), began);
                return;
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                log.LeaseNotRenewed(failure.Message);
            }

            await Task.Delay(_pause, time, stopping);
        }
    }

    private async Task RenewAsync()
    {
        using var ticks = new PeriodicTimer(options.Value.Lease / RenewalsInALease, time);
        while (await IsNextTickAsync(ticks))
        {
            if (await IsAliveAsync())
                continue;

            try
            {
                await BeginAnewAsync();
            }
            catch (OperationCanceledException)
            {
                return; // the process stops
            }
        }
    }

    /// <summary>False when others may give our sessions to new connections: nobody may have two.</summary>
    private async Task<bool> IsAliveAsync()
    {
        var began = time.GetTimestamp();
        var answer = await AskAroundAsync();
        if (answer is not null)
        {
            if (answer.IsAlive)
                Note(answer, began);
            return answer.IsAlive;
        }

        // Co-hosted, the silo here knows that we live; apart, nobody does when nobody has heard of us for a lease.
        return reference.IsCoHosted || lease.IsHeld;
    }

    /// <summary>
    /// The best answer of a few silos; null when none came. One that hangs costs a moment, and one that cannot reach the
    /// store says less than one that can.
    /// </summary>
    private async Task<LeaseAnswer?> AskAroundAsync()
    {
        var asked = new List<Task<LeaseAnswer?>>();
        while (asked.Count < MostAsked)
        {
            asked.Add(AskAsync());
            using (var answered = new CancellationTokenSource())
            {
                await Task.WhenAny(asked[^1], Task.Delay(_hedge, time, answered.Token));
                await answered.CancelAsync(); // a timer that nobody waits for wakes two threads
            }

            if (Best() is { IsStoreAway: false } answer)
                return answer;
        }

        // Looked at once: when the last one ended between two looks, there would be none to wait for, and that is an error.
        while (Best() is null && asked.FindAll(one => !one.IsCompleted) is { Count: > 0 } open)
            await Task.WhenAny(open);
        return Best();

        // Of those that have ended: nothing waits.
        LeaseAnswer? Best() => asked.Where(one => one.IsCompleted).Select(one => one.Result).OfType<LeaseAnswer>()
            .OrderBy(one => one.IsStoreAway).FirstOrDefault();
    }

    private async Task<LeaseAnswer?> AskAsync()
    {
        try
        {
            return await NextSilo().Renew(identity.Id, options.Value.Lease);
        }
        catch (Exception failure)
        {
            log.LeaseNotRenewed(failure.Message);
            return null;
        }
    }

    private void Note(LeaseAnswer answer, long asked)
    {
        // While the store is away nobody can end a lease, and when it is back leases have their full time again.
        lease.Renew(asked);
        _isStoreAway = answer.IsStoreAway;
        if (watch.Note(answer))
            ResumeSessions();
    }

    private async Task BeginAnewAsync()
    {
        log.LeaseLost(connections.Count);
        connections.IsOpen = false;
        reference.Detach();
        do
        {
            foreach (var connection in connections.All)
                connection.Close(ReasonCode.ServerBusy);
            lease.Lose();
            await Task.Delay(_pause, time, _stopping.Token);
        }
        while (connections.Count > 0);

        announcer.Forget();
        identity.BeginAnew();
        await BeginAsync(_stopping.Token);
        connections.IsOpen = true;
        log.LeaseBegunAnew(identity.Id);
    }

    /// <summary>A silo has gone or come: a session that was in it is taken up again, and what waits in it is sent.</summary>
    private void ResumeSessions()
    {
        foreach (var connection in connections.All)
            _ = connection.ResumeSessionAsync(); // each ends with its session awake or its connection closed
    }

    private async Task<bool> IsNextTickAsync(PeriodicTimer ticks)
    {
        try
        {
            return await ticks.WaitForNextTickAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
