using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// Keeps the cluster's routes to this gateway in step with its subscribers: the first of a filter adds the route, the last
/// removes it. Changes gather while the last ones are on their way, so a crowd of subscribers costs a few calls.
/// </summary>
internal sealed class RouteAnnouncer(
    IGrainFactory grains, GatewayIdentity identity, TimeProvider time, ILogger<RouteAnnouncer> log)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Interest> _byFilter = [];
    private HashSet<string> _changed = [];
    private TaskCompletionSource _next = NewSource();
    private bool _isRunning;
    private long _round;
    private ushort _life;

    /// <summary>Filters with a subscriber here, and those among them that the cluster has not heard of yet.</summary>
    public (int Filters, int Pending) Load
    {
        get
        {
            lock (_gate)
                return (_byFilter.Count, _changed.Count);
        }
    }

    /// <summary>Counts a subscription in. The task ends when every silo has the route.</summary>
    public Task AddAsync(IEnumerable<LocalSubscription> subscriptions) => ChangeAsync(subscriptions, +1);

    /// <summary>Counts a subscription out; nobody needs to wait for the route to go.</summary>
    public Task RemoveAsync(IEnumerable<LocalSubscription> subscriptions) => ChangeAsync(subscriptions, -1);

    /// <summary>
    /// The gateway begins another life, without subscribers: nothing has been announced for it. Who was counted in before, by
    /// a call that has not ended even now, is not counted out.
    /// </summary>
    public void Forget()
    {
        lock (_gate)
        {
            _life++;
            _byFilter.Clear();
            _changed.Clear();
        }
    }

    private Task ChangeAsync(IEnumerable<LocalSubscription> subscriptions, int count)
    {
        Task told;
        lock (_gate)
        {
            var mustWait = false;
            foreach (var subscription in subscriptions)
                mustWait |= Change(subscription, count);

            // What another subscriber is just announcing counts only when it has arrived.
            if (!mustWait)
                return Task.CompletedTask;

            told = _next.Task;
            if (_isRunning)
                return told;
            _isRunning = true;
        }

        _ = RunAsync(); // ends when nothing has changed; its failures are retried, its results go to the waiting
        return told;
    }

    private bool Change(LocalSubscription subscription, int count)
    {
        if (count > 0)
            subscription.Life = _life;
        else if (subscription.Life != _life)
            return false;

        var filter = subscription.MatchedFilter;
        _byFilter.MakeRoom();
        ref var interest = ref CollectionsMarshal.GetValueRefOrAddDefault(_byFilter, filter, out _);
        if (subscription.WantsQoS0Only && !subscription.IsShared)
            interest.QoS0Only += count;
        else
            interest.All += count;

        var wanted = interest.WantedOf(filter);
        if (wanted == interest.Announced && !_changed.Contains(filter))
        {
            var isOnItsWay = interest.IsOnItsWay;
            if (wanted.IsNothing)
                _byFilter.Remove(filter);
            return isOnItsWay;
        }

        _changed.Add(filter);
        return true;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            (string Filter, RouteChange Route)[] changes;
            TaskCompletionSource told;
            lock (_gate)
            {
                if (_changed.Count == 0)
                {
                    // Whoever waits for what was on its way in the last round has it by now.
                    _isRunning = false;
                    told = _next;
                    _next = NewSource();
                    told.SetResult();
                    return;
                }

                changes = TakeChanges();
                told = _next;
                _next = NewSource();
            }

            await Task.WhenAll(changes
                .GroupBy(change => RouteSlices.Of(change.Route.Filter), change => change.Route)
                .Select(slice => TellAsync(slice.Key, [.. slice])));

            lock (_gate)
            {
                foreach (var change in changes)
                    Arrived(change.Filter);
            }

            told.SetResult();
        }
    }

    private (string Filter, RouteChange Route)[] TakeChanges()
    {
        _round++; // one is over before the next begins, so that the numbers of a slice rise; a repetition has the same
        var changes = new List<(string, RouteChange)>(_changed.Count);
        foreach (var filter in _changed)
        {
            ref var interest = ref CollectionsMarshal.GetValueRefOrNullRef(_byFilter, filter);
            var wanted = interest.WantedOf(filter);
            interest.Announce(wanted);
            changes.Add((filter, RouteOf(filter, wanted) with { Number = _round }));
        }

        _changed = [];
        return [.. changes];
    }

    private RouteChange RouteOf(string filter, Wish wish) => SharedFilter.TryParse(filter, out var name, out var inner)
        ? new(inner, RouteChange.ToShareMembers(identity.Id, name), wish.Options, wish.Members, identity.HandleOf(filter))
        : new(filter, RouteChange.ToGateway(identity.Id), wish.Options);

    private void Arrived(string filter)
    {
        ref var interest = ref CollectionsMarshal.GetValueRefOrNullRef(_byFilter, filter);
        if (Unsafe.IsNullRef(ref interest))
            return;
        interest.IsOnItsWay = false;

        // Someone may have come and gone meanwhile: then the next round still looks for it here.
        if (interest.WantedOf(filter).IsNothing && interest.Announced.IsNothing && !_changed.Contains(filter))
            _byFilter.Remove(filter);
    }

    private async Task TellAsync(int slice, RouteChange[] changes)
    {
        while (true)
        {
            try
            {
                await grains.GetGrain<IRouteGrain>(slice).Change(changes);
                return;
            }
            catch (Exception failure)
            {
                // Also a cancellation, which can only be one inside the silo: without this loop nobody subscribes any more.
                log.RoutesNotAnnounced(failure.Message);
            }

            await Task.Delay(_pause, time);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
