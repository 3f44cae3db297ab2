using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>The one owner of a shared subscription: who is in it, its route, its queue.</summary>
/// <remarks>
/// Reentrant, as a session is, and for the same reason. Who comes and goes does so one step after the other; each step is
/// stored before it is answered, and may be repeated.
/// </remarks>
[Reentrant]
internal sealed class ShareGrain(ShareCollaborators shared, ILogger<ShareGrain> log) : Grain, IShareGrain
{
    private readonly Turnstile _steps = new();
    private StoredShare? _stored;
    private RouteOptions? _announced;

    private string Filter => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        shared.Census.Enter(this, () => _stored);
        _stored = await shared.Loader.LoadAsync(Filter, create: false, OnJournalFailed);
        foreach (var member in _stored?.Members.All.ToArray() ?? [])
        {
            if (await LinkOfAsync(member.Membership) is { } link)
                _stored!.Delivery.Connect(member, link);
        }

        StayWhileConnected();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        shared.Census.Leave(this);
        _stored?.Delivery.Stop();
        return Task.CompletedTask;
    }

    public Task<bool> Join(Membership member) => _steps.RunAsync(async () =>
    {
        _stored ??= await shared.Loader.LoadAsync(Filter, create: !member.IsLeaving, OnJournalFailed);
        if (_stored is null)
            return false;

        var known = _stored.Members.Find(member.ClientId);
        if (known?.Membership.Epoch > member.Epoch)
            return true; // a later connection has spoken
        if (known is null && member.IsLeaving)
            return false;

        await _stored.SetAsync(member, await LinkOfAsync(member));
        StayWhileConnected();
        await AnnounceAsync(_stored.Members.HighestQoS);
        return !member.IsLeaving || !await IsGoneAsync(_stored.Members.Find(member.ClientId)!);
    });

    public Task<bool> Leave(string clientId, long epoch, bool hasEnded) => _steps.RunAsync(async () =>
    {
        if (_stored?.Members.Find(clientId) is not { } member || member.Membership.Epoch > epoch)
            return false;

        // The route first: one that leads nowhere would bring messages that nobody asked for, for ever.
        await AnnounceAsync(_stored.Members.HighestQoSWithout(member));
        if (!hasEnded)
        {
            await _stored.LeaveAsync(member);
            return !await IsGoneAsync(member);
        }

        await EndAsync(member);
        return false;
    });

    // A share without members has no queue; the route that still led here is on its way out.
    public Task<ReasonCode[]?> Enqueue(MessageBatch batch) => _stored is { Members.HighestQoS: not null }
        ? _stored.Delivery.EnqueueAsync(batch)
        : Task.FromResult<ReasonCode[]?>(null);

    public Task Settle(string clientId, Settlement[] settlements) =>
        _stored?.Delivery.SettleAsync(clientId, settlements) ?? Task.CompletedTask;

    public Task Wake() => Task.CompletedTask; // to be called is all that it takes

    public Task<Membership[]> Members() => Task.FromResult<Membership[]>(
        [.. (_stored?.Members.All ?? []).Select(member => member.Membership).Where(member => !member.IsLeaving)]);

    /// <summary>Lets a leaving member go when nothing that was sent to it is unfinished.</summary>
    private async Task<bool> IsGoneAsync(ShareMember member)
    {
        if (_stored!.Delivery.HasFlights(member))
            return false;
        await EndAsync(member);
        return true;
    }

    /// <summary>The share ends with its last member.</summary>
    private async Task EndAsync(ShareMember member)
    {
        if (_stored!.Members.All.Count > 1)
        {
            await _stored.RemoveAsync(member);
            StayWhileConnected();
            return;
        }

        await _stored.DeleteAsync();
        _stored = null;
        DeactivateOnIdle();
    }

    /// <summary>Routes lead here as long as somebody is to get QoS 1 or 2; the rest goes to members without us.</summary>
    private async Task AnnounceAsync(QoS? highest)
    {
        var wanted = (RouteOptions)(highest ?? QoS.AtMostOnce);
        if (wanted == _announced)
            return;

        var (name, filter) = ShareNames.Split(Filter);
        await GrainFactory.GetGrain<IRouteGrain>(RouteSlices.Of(filter))
            .Change([new RouteChange(filter, RouteChange.ToShareQueue(name), wanted) { Number = _stored!.Owner }]);
        _announced = wanted;
    }

    /// <summary>Without a lease the gateway is gone, and others get the messages: that its sessions are lost is on its way.</summary>
    private async ValueTask<ShareLink?> LinkOfAsync(Membership member) =>
        member.GatewayId is { } gatewayId && await shared.Gateways.ReachAsync(gatewayId) is { } port
            ? new ShareLink(port, member.Epoch, member.Window)
            : null;

    private void StayWhileConnected()
    {
        var isAnyHere = _stored?.Members.All.Any(member => member.Membership.GatewayId is not null) == true;
        DelayDeactivation(isAnyHere ? Timeout.InfiniteTimeSpan : TimeSpan.Zero);
    }

    private void OnJournalFailed(Exception failure)
    {
        log.ShareFailed(Filter, failure);
        _stored?.Delivery.Stop();
        DeactivateOnIdle();
        shared.Revive(Filter);
    }
}
